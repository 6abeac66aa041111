const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default {
  // A server bundle does not know the location of the scripts of its workers.
  serverExternalPackages: ['corr2d'],
  headers: async () => [
    {
      source: '/:path*',
      headers: Object.entries(isolation).map(([key, value]) => ({ key, value })),
    },
  ],
};

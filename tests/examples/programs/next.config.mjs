const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default {
  // What is bundled for a server does not know where the scripts of its workers are.
  serverExternalPackages: ['corr2d'],
  headers: async () => [
    {
      source: '/:path*',
      headers: Object.entries(isolation).map(([key, value]) => ({ key, value })),
    },
  ],
};

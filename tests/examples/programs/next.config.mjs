const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default {
  // A server bundle cannot locate the scripts of its workers, so the package stays outside of it.
  serverExternalPackages: ['corr2d'],
  headers: async () => [
    {
      source: '/:path*',
      headers: Object.entries(isolation).map(([key, value]) => ({ key, value })),
    },
  ],
};

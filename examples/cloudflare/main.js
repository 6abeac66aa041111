// Cloudflare Workers cannot compile bytes, so the module is imported and passed to load().
import { load } from 'corr2d/simd';
import wasm from 'corr2d/wasm/simd.wasm';

export default {
  async fetch() {
    const c = await load({ wasm });
    const X = c.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 3, 3]);
    const K = c.tensor([0, 1, 2, 3, 1, 2, 3, 4], [2, 2, 2]);
    return new Response(String(c.corr2dMultiIn(X, K)));
  },
};

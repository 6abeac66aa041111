// Made by tools/build.mjs from what the C++ build leaves for each variant.

declare module 'corr2d-variant:simd' {
  const chunk: import('./module.js').VariantChunk;
  export default chunk;
}

declare module 'corr2d-variant:relaxed' {
  const chunk: import('./module.js').VariantChunk;
  export default chunk;
}

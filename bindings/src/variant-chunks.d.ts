// Made by tools/build.mjs from what the C++ build leaves for each variant.

declare module 'corr2d-variant:*' {
  const chunk: import('./module.js').VariantChunk;
  export default chunk;
}

// tools/build/chunks.mjs generates one of these modules for each variant.

declare module 'corr2d-variant:*' {
  const chunk: import('./abi.js').VariantChunk;
  export default chunk;
}

// The glue of the variants without threads.
declare module 'corr2d-glue' {
  const createModule: import('./abi.js').CreateModule;
  export default createModule;
}

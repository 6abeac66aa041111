// tools/build/chunks.mjs makes these modules from the outputs of the C++ build.

declare module 'corr2d-variant:*' {
  const chunk: import('./module.js').VariantChunk;
  export default chunk;
}

// The glue of the variants without threads.
declare module 'corr2d-glue' {
  const createModule: import('./module.js').CreateModule;
  export default createModule;
}

// Inside of the glue's factory: its workers are those that the package hands in.
const { Worker } = Module;

import './step-clock.mjs';

// Runs yield to the event loop by setImmediate if it exists.
globalThis.setImmediate = (callback) => addEventListener('message', callback, { once: true });

import './step-clock.mjs';

// Runs use setImmediate, if it exists, to yield to the event loop.
globalThis.setImmediate = (callback) => addEventListener('message', callback, { once: true });

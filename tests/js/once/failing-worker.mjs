// The worker of a client whose allocations fail as its `control` says: `heap`, so many succeed in the
// heap of its instance; `copies`, so many copies of what lies there. It answers with the bytes held.

import { workerData } from 'node:worker_threads';

const { control, script } = workerData;
let module;
// The module's functions are set one by one, on an object that is got at nowhere else.
Object.defineProperty(Object.prototype, 'failAllocationAfter', {
  set(value) {
    module = this;
    const isAsEver = { writable: true, enumerable: true, configurable: true };
    Object.defineProperty(this, 'failAllocationAfter', { value, ...isAsEver });
  },
});

let copiesLeft = -1;
const { prototype } = Object.getPrototypeOf(Float32Array);
const { slice } = prototype;
prototype.slice = function (...range) {
  const isResult = this instanceof Float32Array || this instanceof Uint8ClampedArray;
  if (isResult && copiesLeft-- === 0) throw new RangeError('Array buffer allocation failed');
  return slice.apply(this, range);
};

control.on('message', ({ heap, copies }) => {
  module.failAllocationAfter(heap);
  copiesLeft = copies;
  control.postMessage(module.allocatedBytes());
});

await import(script);

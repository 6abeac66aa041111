// The worker of a client whose allocations fail on request. A message of the port `control` sets how many
// allocations in the heap (`heap`) and how many copies from the heap (`copies`) still succeed; the answer
// is the number of allocated bytes.

import { workerData } from 'node:worker_threads';

const { control, script } = workerData;
let module;
// The module object is not accessible, but its functions are assigned one by one: this setter catches it.
Object.defineProperty(Object.prototype, 'failAllocationAfter', {
  set(value) {
    module = this;
    const attributes = { writable: true, enumerable: true, configurable: true };
    Object.defineProperty(this, 'failAllocationAfter', { value, ...attributes });
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

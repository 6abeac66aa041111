// @ts-check
// Mutations of bindings/src/.

/** @type {import('./types.mjs').Mutation[]} */
export const packageMutations = [
  [
    'bindings/src/runtime/memory-pressure.ts',
    'the collector does not see the memory of tensors',
    'if (missing < LIMIT) return 0;',
    'return 0;',
  ],
  [
    'bindings/src/runtime/memory-pressure.ts',
    'disposed tensors still count as held',
    'this.#heldBytes -= bytes;',
    '',
  ],
  [
    'bindings/src/operators/tidy.ts',
    'the result of an inner tidy does not belong to the outer one',
    'for (const tensor of kept) heap.scopes.add(tensor);',
    '',
  ],
  [
    'bindings/src/operators/tidy.ts',
    'cyclic results never end',
    "if (typeof one !== 'object' || one === null || seen.has(one)) continue;",
    "if (typeof one !== 'object' || one === null) continue;",
  ],
  [
    'bindings/src/operators/plan.ts',
    'tidy disposes of the output of a run that continues after it',
    'heap.scopes.remove(tensor);',
    '',
  ],
  [
    'bindings/src/tensor/tensor.ts',
    'data returns a stale view after the heap has grown',
    'if (this.#view === undefined || this.#view.buffer !== this.heap.floats.buffer) {',
    'if (this.#view === undefined) {',
  ],
  [
    'bindings/src/tensor/tensor.ts',
    'a view does not keep its tensor alive',
    'tensorOfView.set(this.#view, this);',
    '',
  ],
  [
    'bindings/src/tensor/tensor.ts',
    'every slice starts at the first one',
    'this.#offset + slice * sizeOf(shape) * 4',
    'this.#offset + 0 * slice',
  ],
  [
    'bindings/src/tensor/tensor.ts',
    'a disposed tensor can be read',
    'if (this.#disposed) {\n      throw',
    'if (false) {\n      throw',
  ],
  [
    'bindings/src/runtime/heap.ts',
    'a lent block is not freed',
    '    } finally {\n      this.#free(address, bytes);\n    }',
    '    } finally {\n    }',
  ],
  [
    'bindings/src/runtime/heap.ts',
    'storage is freed while other tensors use it',
    'if (storage.tensors > 0) return;',
    '',
  ],
  [
    'bindings/src/runtime/heap.ts',
    'the instance stays usable after a trap',
    "this.#state = 'crashed';",
    '',
  ],
  [
    'bindings/src/tensor/operands.ts',
    'temporary operands are not disposed of',
    'for (const tensor of temporary) tensor.dispose();',
    '',
  ],
  [
    'bindings/src/tensor/tensor.ts',
    'a result is not disposed of after an error',
    '    result.dispose();\n    throw error;',
    '    throw error;',
  ],
  [
    'bindings/src/tensor/operands.ts',
    'tensors of another instance are accepted',
    'if (value.heap !== heap) {',
    'if (false) {',
  ],
  [
    'bindings/src/tensor/views.ts',
    'copying accepts a source that has become shorter',
    'if (countOf(from) === lengthOf(to)) {',
    'if (countOf(from) <= lengthOf(to)) {',
  ],
  [
    'bindings/src/operators/plan.ts',
    'a disposed plan can be run',
    'const plan = this.#usableAddress(prefixes);\n    input.assertUsable',
    'const plan = this.#address;\n    input.assertUsable',
  ],
  [
    'bindings/src/operators/elementwise.ts',
    'broadcasting aligns the first axes',
    'if (size !== 1) strides[axis + to.length - from.length] = stride;',
    'if (size !== 1) strides[axis] = stride;',
  ],
  [
    'bindings/src/runtime/platform.ts',
    'a RangeError outside the heap does not become OUT_OF_MEMORY',
    'if (!(cause instanceof RangeError)) throw cause;',
    'throw cause;',
  ],
  [
    'bindings/src/runtime/platform.ts',
    'without timers and channels runAsync does not yield to the event loop',
    'return WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)).catch(() => {});',
    'return Promise.resolve();',
  ],
  [
    'bindings/src/runtime/platform.ts',
    'texts from C++ are read as Latin-1',
    "return decodeURIComponent(escapes.join(''));",
    'return String.fromCharCode(...bytes);',
  ],
  [
    'bindings/src/runtime/load-runtime.ts',
    'a RangeError of the heap does not become OUT_OF_MEMORY',
    "if ((cause as Error)?.name === 'RangeError') {",
    'if (false) {',
  ],
  [
    'bindings/src/tensor/views.ts',
    'the length property of a typed array is trusted',
    'return isNumberArray(numbers) ? lengthOf(numbers) : numbers.length;',
    'return numbers.length;',
  ],
  [
    'bindings/src/tensor/tensor.ts',
    'objects with the prototype of a tensor count as tensors',
    "return typeof value === 'object' && value !== null && #heap in value;",
    'return value instanceof Tensor;',
  ],
  [
    'bindings/src/tensor/nested.ts',
    'the length property of a proxy is trusted',
    'const length = integer(level.length, ',
    'const length = ((given, ..._) => given)(level.length, ',
  ],
  [
    'bindings/src/operators/conv-backward.ts',
    'the gradient of a bias takes NHWC for NCHW',
    "outputLayout === 'nhwc' ? 1 : plane",
    'plane',
  ],
  [
    'bindings/src/operators/conv-backward.ts',
    'the gradient of a padded NHWC input has the strides of the input',
    "        ...imageStrides('input', layout, channels, ...padded),\n",
    '',
  ],
];

// @ts-check
// Mutations of bindings/src/.

/** @type {import('./types.mjs').Mutation[]} */
export const packageMutations = [
  [
    'bindings/src/tensor/tensor.ts',
    'a stale view after the heap has grown',
    'if (this.#view === undefined || this.#view.buffer !== this.heap.floats.buffer) {',
    'if (this.#view === undefined) {',
  ],
  [
    'bindings/src/tensor/tensor.ts',
    'a view does not keep its tensor',
    'tensorOfView.set(this.#view, this);',
    '',
  ],
  [
    'bindings/src/tensor/tensor.ts',
    'a slice begins with the first',
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
    'a leak: a block is not freed after its use',
    '    } finally {\n      this.#free(address, bytes);\n    }',
    '    } finally {\n    }',
  ],
  [
    'bindings/src/runtime/heap.ts',
    'freed while somebody shows it',
    'if (storage.tensors > 0) return;',
    '',
  ],
  ['bindings/src/runtime/heap.ts', 'goes on after a trap', "this.#state = 'crashed';", ''],
  [
    'bindings/src/tensor/operands.ts',
    'a leak: operands stay',
    'for (const tensor of temporary) tensor.dispose();',
    '',
  ],
  [
    'bindings/src/tensor/tensor.ts',
    'a leak: a result stays after an error',
    '    result.dispose();\n    throw error;',
    '    throw error;',
  ],
  [
    'bindings/src/tensor/operands.ts',
    'tensors of another instance are read',
    'if (value.heap !== heap) {',
    'if (false) {',
  ],
  [
    'bindings/src/tensor/views.ts',
    'reads what the heap held before',
    'if (countOf(from) === lengthOf(to)) {',
    'if (countOf(from) <= lengthOf(to)) {',
  ],
  [
    'bindings/src/operators/plan.ts',
    'runs a plan that was freed',
    'const plan = this.#usableAddress(prefixes);\n    input.assertUsable',
    'const plan = this.#address;\n    input.assertUsable',
  ],
  [
    'bindings/src/operators/elementwise.ts',
    'broadcasts along the wrong axis',
    'if (size !== 1) strides[axis + to.length - from.length] = stride;',
    'if (size !== 1) strides[axis] = stride;',
  ],
  [
    'bindings/src/runtime/allocate.ts',
    'no room outside the heap is no error of its own',
    'if (!(cause instanceof RangeError)) throw cause;',
    'throw cause;',
  ],
  [
    'bindings/src/runtime/load-runtime.ts',
    'no room for a heap is a failure of the module',
    "if ((cause as Error)?.name === 'RangeError') {",
    'if (false) {',
  ],
  [
    'bindings/src/tensor/views.ts',
    'believes what a typed array says of its length',
    'return isNumberArray(numbers) ? lengthOf(numbers) : numbers.length;',
    'return numbers.length;',
  ],
  [
    'bindings/src/tensor/tensor.ts',
    'what passes for a tensor is one',
    "return typeof value === 'object' && value !== null && #heap in value;",
    'return value instanceof Tensor;',
  ],
  [
    'bindings/src/tensor/nested.ts',
    'believes what a proxy says of its length',
    'const length = integer(level.length, ',
    'const length = ((given, ..._) => given)(level.length, ',
  ],
];

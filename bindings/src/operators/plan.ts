import {
  assertNoOverlap,
  assertOutShape,
  computeInto,
  makePlan,
  measure,
} from '../problem/problem.js';
import { outTensor } from '../problem/read-options.js';
import { type Observed, runInSlices } from '../problem/slices.js';
import { algorithmName, assertDone } from '../problem/status.js';
import type { Address } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import {
  assertInternal,
  Corr2dError,
  showShape,
  unexpected,
  unexpectedShape,
} from '../runtime/errors.js';
import { Heap } from '../runtime/heap.js';
import { bindMethods, type Implementation, methodsOf } from '../runtime/methods.js';
import { abortReason, now, supportUsing, yieldToEventLoop } from '../runtime/platform.js';
import { isSameShape, sizeOf } from '../tensor/nested.js';
import { type Operand, operand, withTensors } from '../tensor/operands.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import { type Conv2dPlanOptions, type Planned, plannedConv2d } from './planned.js';

/** Methods that prepare plans. */
export interface PlanMethods {
  /**
   * Prepares a `conv2d` for many inputs of one shape: chooses the algorithm, packs the weight, and allocates
   * the workspace.
   *
   * @example
   * ```js
   * const plan = c.planConv2d({ inputShape: [1, 4, 4], weight: c.ones([1, 1, 3, 3]) });
   * const y = plan.run(c.ones([1, 4, 4])); // once for each input
   * console.log(y.data.join()); // 9,9,9,9
   * plan.dispose();
   * ```
   *
   * @param options the shape of the inputs, the weight, and the options of `conv2d`. Weight and bias are copied.
   * @returns a plan, which holds memory until it is disposed of or collected
   * @throws `INVALID_ARGUMENT`, `SHAPE_MISMATCH` and `UNSUPPORTED` as `conv2d` does
   */
  planConv2d(options: Conv2dPlanOptions): Plan;
}

/** The options of `run`. */
export interface PlanRunOptions {
  /** A tensor of the output's shape that receives the result. Default: a new tensor. */
  out?: Tensor | undefined;
  /** A tensor of the output's shape that is added before the activation, for a plan made with `add: true`. */
  add?: TensorLike | undefined;
}

/** The options of `runAsync`. */
export interface RunOptions extends PlanRunOptions, Observed {}

/** The prefixes of messages, created once, since `run` with `out` must not create strings or objects. */
const prefixesOf = (where: string, input: string) => ({
  where,
  caller: `${where}:`,
  input: `${where}: ${input}`,
  add: `${where}: add`,
  out: `${where}: out`,
});
type Prefixes = ReturnType<typeof prefixesOf>;
const namesOf = (input: string) => ({
  run: prefixesOf('run', input),
  runAsync: prefixesOf('runAsync', input),
  warmup: prefixesOf('warmup', input),
});
/** The prefixes, by the name of a plan's input. */
const names = { input: namesOf('input'), image: namesOf('image') };

/** The memory of a plan in the heap. */
interface PlanMemory {
  readonly heap: Heap;
  readonly address: Address;
  readonly bytes: number;
  /** The number that `MemoryPressure.add` has returned for the plan. */
  readonly accountedBytes: number;
}

/** Frees the memory of `owner`, or, without that argument, of a plan that was collected. */
function freeMemory({ heap, address, bytes, accountedBytes }: PlanMemory, owner?: object): void {
  heap.pressure.remove(bytes, accountedBytes, owner);
  heap.freePlan(address);
}

/** Frees plans that were collected without having been disposed. */
const collected = new FinalizationRegistry<PlanMemory>((memory) => freeMemory(memory));

/** The properties of a plan. */
export interface PlanFacts {
  /** The name of the algorithm. */
  readonly algorithm: string;
  /** The shape of the output: N×Co×H'×W' or Co×H'×W', in the order of `layout`; or H'×W'. */
  readonly outputShape: readonly number[];
  /** The number of multiply-adds of one run, including those with padding. */
  readonly macs: number;
  /** Twice `macs`, since each multiply-add is two operations. */
  readonly flops: number;
  /** The size of the packed weight, the bias and the lookup tables, in bytes. */
  readonly weightBytes: number;
  /** The size of the scratch memory of a run, without input and output, in bytes. */
  readonly workspaceBytes: number;
  /** The number of independent tasks of a run. */
  readonly tasks: number;
}

// The properties, which the constructor assigns.
// biome-ignore lint/correctness/noUnusedVariables: merged declarations have the same type parameters.
export interface Plan<Input = TensorLike> extends PlanFacts {}

/**
 * A convolution, or another operator with a weight, that is prepared for inputs of one shape: the algorithm is chosen,
 * weight and bias are copied and packed, and the workspace is allocated.
 *
 * @typeParam Input the type of the input of a run
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns the properties.
export class Plan<Input = TensorLike> {
  readonly #heap: Heap;
  readonly #inputShape: readonly number[];
  readonly #hasAdd: boolean;
  readonly #read: Planned['read'];
  readonly #names: ReturnType<typeof namesOf>;
  readonly #description: string;
  readonly #memory: PlanMemory;
  #address: Address;

  /** @internal Use a method of the instance, such as `c.planConv2d`, to create a plan. */
  constructor(heap: Heap, planned: Planned) {
    assertInternal(heap instanceof Heap, 'Plan', 'c.planConv2d(options)');
    const { kind, problem, inputShape, outputShape, weight, bias, input, read } = planned;
    const { outputHeight, outputWidth, outputDepth } = measure(heap, problem);
    this.#address = withTensors(heap, problem.where, [weight, bias], ([w, b]) =>
      makePlan(heap, problem, w.address, b?.address ?? 0),
    );
    this.#hasAdd = problem.fields.has_add !== 0;
    this.#read = read;
    this.#names = names[input];
    this.#heap = heap;
    this.#inputShape = Object.freeze(inputShape);
    const macs = heap.requestDouble('macs');
    const facts: PlanFacts = {
      algorithm: algorithmName(heap.requestWord('algorithm')),
      outputShape: Object.freeze(outputShape(outputHeight, outputWidth, outputDepth)),
      macs,
      flops: 2 * macs,
      weightBytes: heap.requestDouble('weightBytes'),
      workspaceBytes: heap.requestDouble('workspaceBytes'),
      tasks: heap.requestWord('tasks'),
    };
    Object.assign(this, facts);
    this.#description = [
      `${kind} of ${showShape(inputShape)} by ${showShape(weight.shape)} to ${showShape(this.outputShape)}`,
      `algorithm: ${this.algorithm}, ${reasonOf(this.algorithm, planned.algorithm)}`,
      `${this.macs} multiply-adds in ${this.tasks} ${this.tasks === 1 ? 'task' : 'tasks'}`,
      `${this.weightBytes} bytes of weights, ${this.workspaceBytes} of workspace`,
    ].join('\n');
    const bytes = this.weightBytes + this.workspaceBytes;
    const accountedBytes = heap.pressure.add(this, bytes);
    this.#memory = { heap, address: this.#address, bytes, accountedBytes };
    collected.register(this, this.#memory, this);
    bindMethods(this, methodsOf(Plan.prototype));
    Object.freeze(this);
  }

  /**
   * Runs the plan.
   *
   * @example
   * ```js
   * const plan = c.planConv2d({ inputShape: [1, 1, 3], weight: [[[[1, 2]]]] });
   * const out = c.zeros(plan.outputShape);
   * plan.run([[[1, 2, 3]]], out); // allocates no output
   * console.log(out.data.join()); // 5,8
   * ```
   *
   * @param input an input of the planned shape
   * @param options a tensor of the output's shape that receives the result, or `{ out, add }`. The tensor
   * must not share memory with the input or `add`. Default: a new tensor.
   * @returns `out`, or the new tensor
   * @throws `SHAPE_MISMATCH` if the input, `out` or `add` has another shape than planned, `INVALID_ARGUMENT` if
   * `add` is missing, or given although the plan was made without `add: true`, `DISPOSED` after `dispose()`
   */
  run(input: Input, options?: Tensor | PlanRunOptions): Tensor {
    const ofRun = this.#names.run;
    const { where } = ofRun;
    const heap = this.#heap;
    const image = this.#readInput(ofRun, input);
    const isOut = Tensor.is(options);
    const given = isOut ? undefined : argument.options(options, where, ['out', 'add']);
    const term = this.#readAdd(ofRun, given?.add);
    const target = this.#readOut(ofRun, isOut ? options : given?.out, image, term);
    // This path creates no objects.
    if (target !== undefined && Tensor.is(image) && (term === undefined || Tensor.is(term))) {
      this.#runTasks(ofRun, image, term, target, 0, this.tasks);
      return target;
    }
    return withTensors(heap, where, [image, term], ([source, second]) =>
      computeInto(heap, where, this.outputShape, target, (output) =>
        this.#runTasks(ofRun, source, second, output, 0, this.tasks),
      ),
    );
  }

  /**
   * Runs the plan a few tasks at a time. About every 10 ms it calls `onProgress` and yields to the
   * event loop; the last call of `onProgress` is after the last task. Do not change `input` and `out`
   * before the promise settles.
   *
   * The promise is rejected with the reason of an aborted `signal`, with any error that `onProgress`
   * throws, and with `DISPOSED` if the plan, a tensor or the instance is disposed meanwhile. All
   * temporary memory is then freed, but `out` may be partly written.
   *
   * @example
   * ```js
   * const plan = c.planConv2d({ inputShape: [1, 1, 3], weight: [[[[1, 2]]]] });
   * const y = await plan.runAsync([[[1, 2, 3]]], { signal: AbortSignal.timeout(60_000) });
   * console.log(y.data.join()); // 5,8
   * ```
   *
   * @param input an input of the planned shape
   * @param options `out`, `add`, `signal` and `onProgress`
   * @returns `out`, or a new tensor
   * @throws `INVALID_ARGUMENT`, `SHAPE_MISMATCH` and `DISPOSED` as `run` does
   */
  async runAsync(input: Input, options?: RunOptions): Promise<Tensor> {
    const ofRunAsync = this.#names.runAsync;
    const { where } = ofRunAsync;
    const heap = this.#heap;
    const image = this.#readInput(ofRunAsync, input);
    const given = argument.options(options, where, ['out', 'add', 'signal', 'onProgress']);
    const term = this.#readAdd(ofRunAsync, given.add);
    const target = this.#readOut(ofRunAsync, given.out, image, term);
    const signal = given.signal as RunOptions['signal'];
    const onProgress = given.onProgress as RunOptions['onProgress'];
    if (signal !== undefined && typeof signal?.aborted !== 'boolean') {
      throw unexpected(`${where}: signal`, signal, 'an AbortSignal');
    }
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw unexpected(`${where}: onProgress`, onProgress, 'a function');
    }
    const temporary: Tensor[] = [];
    const keep = (tensor: Tensor) => {
      temporary.push(tensor);
      // The run may end after a `tidy` that it was started in.
      heap.scopes.remove(tensor);
      return tensor;
    };
    try {
      if (signal?.aborted) throw abortReason(signal);
      const output = target ?? keep(Tensor.uninitialised(heap, this.outputShape, where));
      const inHeap = (one: Operand) => (Tensor.is(one) ? one : keep(Tensor.from(heap, one, where)));
      const source = inHeap(image);
      const second = term && inHeap(term);
      await runInSlices(heap.threads, this.tasks, { signal, onProgress }, (first, end) => {
        this.#runTasks(ofRunAsync, source, second, output, first, end - first);
      });
      if (target === undefined) temporary.shift();
      return output;
    } finally {
      for (const tensor of temporary) tensor.dispose();
    }
  }

  /**
   * Runs the plan on zeros for at least 50 ms, so that the engine compiles it with optimisation.
   *
   * @example
   * ```js
   * const plan = c.planConv2d({ inputShape: [1, 1, 3], weight: [[[[1, 2]]]] });
   * await plan.warmup(); // the first run is then as fast as later ones
   * console.log(plan.run([[[1, 2, 3]]]).data.join()); // 5,8
   * ```
   *
   * @returns a promise that resolves after the last run
   */
  async warmup(): Promise<void> {
    const ofWarmup = this.#names.warmup;
    const { where } = ofWarmup;
    const heap = this.#heap;
    this.#usableAddress(ofWarmup);
    const inputBytes = 4 * sizeOf(this.#inputShape);
    const outputBytes = 4 * sizeOf(this.outputShape);
    const begin = now();
    // Engines start to optimise a function after a few calls, and compile it in the background.
    for (let runs = 0; runs < 3 || now() - begin < 50; runs++) {
      heap.withBlock(inputBytes, where, (input) =>
        heap.withBlock(outputBytes, where, (output) => {
          heap.bytesAt(input, inputBytes).fill(0);
          const plan = this.#usableAddress(ofWarmup);
          // `add` may be anything.
          const second = this.#hasAdd ? output : 0;
          assertDone(heap, where, heap.call.runPlan(plan, input, second, 0, output, 0, this.tasks));
        }),
      );
      await yieldToEventLoop();
      this.#usableAddress(ofWarmup);
    }
  }

  /**
   * Describes the plan in four lines: the shapes, the algorithm and the reason for it, the number of
   * multiply-adds and tasks, and the memory.
   *
   * @example
   * ```js
   * const plan = c.planConv2d({ inputShape: [3, 8, 8], weight: c.ones([4, 3, 3, 3]) });
   * console.log(plan.describe().split('\n')[0]); // conv2d of 3×8×8 by 4×3×3×3 to 4×6×6
   * ```
   *
   * @returns the lines, separated by line feeds
   */
  describe(): string {
    return this.#description;
  }

  /**
   * Frees the plan's memory. Any later use throws `DISPOSED`; a second call does nothing.
   *
   * @example
   * ```js
   * const plan = c.planConv2d({ inputShape: [1, 1, 3], weight: [[[[1, 2]]]] });
   * plan.dispose();
   * try {
   *   plan.run([[[1, 2, 3]]]);
   * } catch ({ code }) {
   *   console.log(code); // DISPOSED
   * }
   * ```
   */
  dispose(): void {
    if (this.#address === 0) return;
    collected.unregister(this);
    freeMemory(this.#memory, this);
    this.#address = 0;
  }

  /** Calls `dispose()` at the end of a `using` declaration's block. */
  declare [Symbol.dispose]: () => void;

  #readInput(prefixes: Prefixes, input: unknown): Operand {
    this.#usableAddress(prefixes);
    const image = this.#read(this.#heap, input, prefixes.input);
    if (!isSameShape(image.shape, this.#inputShape)) {
      const expected = `${showShape(this.#inputShape)}, the shape of the plan`;
      throw unexpectedShape(prefixes.input, image.shape, expected);
    }
    return image;
  }

  #readAdd(prefixes: Prefixes, value: unknown): Operand | undefined {
    if (this.#hasAdd !== (value !== undefined)) {
      const expected = this.#hasAdd
        ? `${showShape(this.outputShape)} numbers, since the plan was made with add: true`
        : 'a plan made with add: true';
      throw unexpected(prefixes.add, value, expected);
    }
    if (value === undefined) return undefined;
    const term = operand(this.#heap, value, prefixes.add);
    assertOutShape(term, this.outputShape, prefixes.where, 'add');
    return term;
  }

  #readOut(
    prefixes: Prefixes,
    out: unknown,
    image: Operand,
    term: Operand | undefined,
  ): Tensor | undefined {
    const target = outTensor(this.#heap, out, prefixes.out);
    if (target !== undefined) {
      assertOutShape(target, this.outputShape, prefixes.where);
      assertNoOverlap(target, image, prefixes.where);
      assertNoOverlap(target, term, prefixes.where);
    }
    return target;
  }

  #runTasks(
    prefixes: Prefixes,
    input: Tensor,
    term: Tensor | undefined,
    output: Tensor,
    first: number,
    count: number,
  ): void {
    const heap = this.#heap;
    const plan = this.#usableAddress(prefixes);
    input.assertUsable(prefixes.input);
    term?.assertUsable(prefixes.add);
    output.assertUsable(prefixes.out);
    const { runPlan } = heap.call;
    assertDone(
      heap,
      prefixes.where,
      runPlan(plan, input.address, term?.address ?? 0, 0, output.address, first, count),
    );
  }

  /** The plan's address. Throws DISPOSED if the plan or the instance was disposed. */
  #usableAddress(prefixes: Prefixes): Address {
    this.#heap.assertUsable(prefixes.caller);
    if (this.#address === 0) {
      throw new Corr2dError('DISPOSED', `${prefixes.caller} the plan has been disposed`);
    }
    return this.#address;
  }
}

supportUsing(Plan);

/** The reason for the chosen algorithm, where `requested` is the caller's option. */
const reasonOf = (algorithm: string, requested: unknown) =>
  requested === undefined || requested === 'auto' ? (REASONS[algorithm] ?? '') : 'as requested';

/** How each algorithm computes, or the reason why it can be the fastest, for `describe()`. */
const REASONS: Readonly<Record<string, string>> = {
  gemm: 'computed as a matrix product',
  direct: 'computed without packing the input',
  depthwise: 'because every output channel has an input channel of its own',
  winograd: 'because it needs a half to a quarter of the multiplications',
  separable: 'because the kernel is a sum of products of a column and a row',
  fft: 'because transforms cost less than the kernel',
};

/** @internal Prepares and runs a plan once, a few tasks at a time. */
export async function runObserved(
  heap: Heap,
  planned: Planned,
  input: Operand,
  observed: Observed,
): Promise<Tensor> {
  // The caller has read the input.
  const plan = new Plan<Operand>(heap, { ...planned, read: (_, value) => value as Operand });
  try {
    return await plan.runAsync(input, observed);
  } finally {
    plan.dispose();
  }
}

/** @internal The implementations of `PlanMethods`. */
export const planMethods: Implementation<PlanMethods> = {
  planConv2d: (heap, options) => new Plan(heap, plannedConv2d(heap, 'planConv2d', options)),
};

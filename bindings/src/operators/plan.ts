import { type Conv2dOptions, outTensor } from '../problem/options.js';
import {
  algorithms,
  assertApart,
  assertDone,
  assertFits,
  assertOk,
  computeInto,
  measure,
} from '../problem/problem.js';
import type { Address } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, show, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { isSameShape } from '../tensor/nested.js';
import { type Operand, operand, withTensors } from '../tensor/operands.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import { convolution, planOptions } from './conv.js';

/** What `planConv2d` is told: the input's shape, the weight, and the options of `conv2d`. */
export interface Conv2dPlanOptions extends Omit<Conv2dOptions, 'out'> {
  /** N×C×H×W or C×H×W, in the order that `layout` says. */
  inputShape: readonly number[];
  /** Co×(C/groups)×kh×kw, in the order that `weightLayout` says. It is copied. */
  weight: TensorLike;
}

/** What `runAsync` asks of an `AbortSignal`, also where the types of the DOM are not to be had. */
export interface Signal {
  /** Whether it has been aborted. */
  readonly aborted: boolean;
  /** Why: what the promise is rejected with. */
  readonly reason?: unknown;
}

/** The options of `runAsync`. */
export interface RunOptions {
  /** Where the result goes, instead of a new tensor. */
  out?: Tensor;
  /** An `AbortSignal`, which ends it. */
  signal?: Signal;
  /** Is told how many of all tasks are done. */
  onProgress?: (done: number, tasks: number) => void;
}

/** What errors call a function and its arguments: made once, as what is run often makes no strings. */
const namesOf = (where: string) => ({
  where,
  caller: `${where}:`,
  input: `${where}: input`,
  out: `${where}: out`,
});
type Names = ReturnType<typeof namesOf>;
const namesOfRun = namesOf('run');
const namesOfRunAsync = namesOf('runAsync');
const namesOfWarmup = namesOf('warmup');

declare const setImmediate: ((callback: () => void) => void) | undefined;

/** Frees plans that were dropped and not disposed of. */
const dropped = new FinalizationRegistry<{ heap: Heap; address: Address }>(({ heap, address }) =>
  heap.freePlan(address),
);

/**
 * A convolution made ready for inputs of one shape: algorithm chosen, weights packed, workspace
 * allocated. It has a copy of weight and bias.
 */
export class Plan {
  /** How it is computed. */
  readonly algorithm: string;
  /** What `run` gives: N×Co×H'×W' or Co×H'×W', in the order that `layout` says. */
  readonly outputShape: readonly number[];
  /** Multiply-adds of one run, padding included. */
  readonly macs: number;
  /** Twice that: a multiplication and an addition each. */
  readonly flops: number;
  /** Bytes of the packed weights, the bias and the tables that go with them. */
  readonly weightBytes: number;
  /** Bytes that running it needs beside input and output. */
  readonly workspaceBytes: number;
  /** The independent pieces that a run falls into. */
  readonly tasks: number;
  readonly #heap: Heap;
  readonly #inputShape: readonly number[];
  readonly #description: string;
  #address: Address;

  /** @internal `c.planConv2d` makes plans. */
  constructor(heap: Heap, options: Conv2dPlanOptions, where = 'planConv2d') {
    heap.assertUsable(`${where}:`);
    const { inputShape, weight, ...others } = argument.options(options, where, [
      'inputShape',
      'weight',
      ...planOptions,
    ]);
    const shape = argument.shape(inputShape, `${where}: inputShape`);
    const kernel = operand(heap, weight, `${where}: weight`);
    const { problem, outputShape, bias } = convolution(heap, where, shape, kernel.shape, others);
    const { outputHeight, outputWidth } = measure(heap, problem);
    this.#address = withTensors(heap, where, [kernel, bias], ([w, b]) =>
      heap.call.makePlan(heap.request, w.address, b?.address ?? 0),
    );
    if (this.#address === 0) assertOk(heap, problem, heap.requestWord('status'));
    this.#heap = heap;
    this.#inputShape = Object.freeze(shape);
    const chosen = heap.requestWord('algorithm');
    this.algorithm =
      Object.entries(algorithms).find(([, number]) => number === chosen)?.[0] ?? 'auto';
    this.outputShape = Object.freeze(outputShape(outputHeight, outputWidth));
    this.macs = heap.requestDouble('macs');
    this.flops = 2 * this.macs;
    this.weightBytes = heap.requestDouble('weightBytes');
    this.workspaceBytes = heap.requestDouble('workspaceBytes');
    this.tasks = heap.requestWord('tasks');
    this.#description = [
      `conv2d of ${showShape(shape)} by ${showShape(kernel.shape)} to ${showShape(this.outputShape)}`,
      `algorithm: ${this.algorithm}, ${reasons[this.algorithm] ?? ''}`,
      `${this.macs} multiply-adds in ${this.tasks} ${this.tasks === 1 ? 'task' : 'tasks'}`,
      `${this.weightBytes} bytes of weights, ${this.workspaceBytes} of workspace`,
    ].join('\n');
    dropped.register(this, { heap, address: this.#address }, this);
    Object.freeze(this);
  }

  /**
   * Runs it on an input of the planned shape, into `out`, which is returned, or into a new tensor.
   * `out` must not overlap the input.
   */
  run(input: TensorLike, out?: Tensor): Tensor {
    const { where } = namesOfRun;
    const heap = this.#heap;
    const image = this.#input(namesOfRun, input);
    const target = this.#target(namesOfRun, out, image);
    // What is run often makes no objects.
    if (target !== undefined && Tensor.is(image)) {
      this.#runTasks(namesOfRun, image, target, 0, this.tasks);
      return target;
    }
    return withTensors(heap, where, [image], ([source]) =>
      computeInto(heap, where, this.outputShape, target, (output) =>
        this.#runTasks(namesOfRun, source, output, 0, this.tasks),
      ),
    );
  }

  /**
   * The same, some tasks at a time, for what takes long: about every 10 ms others have their turn, and
   * `onProgress` is called, for the last time when all is done. Whatever it throws, and the reason of
   * an aborted `signal`, the promise is rejected with, and nothing is left; `out` may then be partly
   * written. Disposing of the plan, of a tensor or of the instance meanwhile: DISPOSED. `input` and
   * `out` must be left alone until the end.
   */
  async runAsync(input: TensorLike, options?: RunOptions): Promise<Tensor> {
    const { where } = namesOfRunAsync;
    const heap = this.#heap;
    const image = this.#input(namesOfRunAsync, input);
    const given = argument.options(options, where, ['out', 'signal', 'onProgress']);
    const target = this.#target(namesOfRunAsync, given.out, image);
    const signal = given.signal as RunOptions['signal'];
    const onProgress = given.onProgress as RunOptions['onProgress'];
    if (signal !== undefined && typeof signal?.aborted !== 'boolean') {
      throw invalid(`${where}: signal is ${show(signal)}, must be an AbortSignal`);
    }
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw invalid(`${where}: onProgress is ${show(onProgress)}, must be a function`);
    }
    const made: Tensor[] = [];
    const keep = (tensor: Tensor) => {
      made.push(tensor);
      return tensor;
    };
    try {
      // Older engines give no reason.
      const assertGoesOn = () => {
        if (signal?.aborted) throw signal.reason ?? new DOMException('aborted', 'AbortError');
      };
      assertGoesOn();
      const output = target ?? keep(Tensor.uninitialised(heap, this.outputShape, where));
      const source = Tensor.is(image) ? image : keep(Tensor.from(heap, image, where));
      let count = heap.threads;
      let begin = performance.now();
      for (let done = 0; done < this.tasks; ) {
        const before = performance.now();
        const next = Math.min(done + count, this.tasks);
        this.#runTasks(namesOfRunAsync, source, output, done, next - done);
        done = next;
        const now = performance.now();
        // As many tasks in a call as take some milliseconds, and one for each thread.
        count = now - before < 2 ? 2 * count : Math.max(count >> 1, heap.threads);
        if (now - begin < 8 && done < this.tasks) continue;
        onProgress?.(done, this.tasks);
        if (done < this.tasks) await turn();
        assertGoesOn();
        begin = performance.now();
      }
      if (target === undefined) made.shift();
      return output;
    } finally {
      for (const tensor of made) tensor.dispose();
    }
  }

  /** Runs it on zeros until the engine's optimising compiler has had its turn. */
  async warmup(): Promise<void> {
    const { where } = namesOfWarmup;
    const heap = this.#heap;
    this.#usable(namesOfWarmup);
    const size = (shape: readonly number[]) => 4 * shape.reduce((all, one) => all * one, 1);
    const begin = performance.now();
    // Compilation goes on beside the runs, and is asked for after some calls of each function.
    for (let runs = 0; runs < 3 || performance.now() - begin < 50; runs++) {
      heap.lend(size(this.#inputShape), where, (input) =>
        heap.lend(size(this.outputShape), where, (output) => {
          heap.bytesAt(input, size(this.#inputShape)).fill(0);
          assertDone(
            heap,
            where,
            heap.call.runPlan(this.#usable(namesOfWarmup), input, output, 0, this.tasks),
          );
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#usable(namesOfWarmup);
    }
  }

  /** A few lines: which algorithm and why, multiply-adds, bytes of weights and workspace. */
  describe(): string {
    return this.#description;
  }

  /** Frees its memory. Doing so twice is no error; using it afterwards throws DISPOSED. */
  dispose(): void {
    if (this.#address === 0) return;
    dropped.unregister(this);
    this.#heap.freePlan(this.#address);
    this.#address = 0;
  }

  /** `dispose()`, for `using`. */
  declare [Symbol.dispose]: () => void;

  #input(names: Names, input: TensorLike): Operand {
    this.#usable(names);
    const image = operand(this.#heap, input, names.input);
    if (!isSameShape(image.shape, this.#inputShape)) {
      throw new Corr2dError(
        'SHAPE_MISMATCH',
        `${names.input} is ${showShape(image.shape)}, the plan is for ${showShape(this.#inputShape)}`,
      );
    }
    return image;
  }

  #target(names: Names, out: unknown, image: Operand): Tensor | undefined {
    const target = outTensor(this.#heap, out, names.out);
    if (target !== undefined) {
      assertFits(target, this.outputShape, names.where);
      assertApart(target, image, names.where);
    }
    return target;
  }

  #runTasks(names: Names, input: Tensor, output: Tensor, first: number, count: number): void {
    const heap = this.#heap;
    const plan = this.#usable(names);
    input.assertUsable(names.input);
    output.assertUsable(names.out);
    const { runPlan } = heap.call;
    assertDone(heap, names.where, runPlan(plan, input.address, output.address, first, count));
  }

  #usable(names: Names): Address {
    this.#heap.assertUsable(names.caller);
    if (this.#address === 0) {
      throw new Corr2dError('DISPOSED', `${names.caller} the plan has been disposed`);
    }
    return this.#address;
  }
}

function invalid(message: string): Corr2dError {
  return new Corr2dError('INVALID_ARGUMENT', message);
}

/** Lets others have their turn: timers would wait for 4 ms. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

if (Symbol.dispose !== undefined) {
  Object.defineProperty(Plan.prototype, Symbol.dispose, { value: Plan.prototype.dispose });
}

/** What an algorithm saves; whether it pays is estimated when a plan is made. */
const reasons: Readonly<Record<string, string>> = {
  gemm: 'as a matrix product',
  direct: 'as output channels are few',
  depthwise: 'as every output channel has an input channel of its own',
  winograd: 'as it multiplies a quarter to a half as often',
  separable: 'as the kernel is products of a column and a row',
  fft: 'as transforms cost less than the kernel',
};

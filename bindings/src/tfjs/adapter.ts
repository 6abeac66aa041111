import type { Corr2d } from '../instance.js';
import { Corr2dError, unexpected } from '../runtime/errors.js';
import { type Heap, heapKey } from '../runtime/heap.js';
import { bindMethods, methodsOf, refuseSurplus } from '../runtime/methods.js';
import type { Compute, Context } from './compute.js';
import { convolution, filterGradient, inputGradient } from './convolutions.js';
import type { Kernel, KernelCall, Tfjs } from './kernels.js';
import { WeightPlans } from './plans.js';
import { poolGradient } from './pools.js';

/** The result of `register`. */
export interface Registration {
  /** The number of calls that corr2d has computed. */
  readonly computed: number;
  /** The number of calls that were passed to tfjs' own kernels, for example with another type. */
  readonly delegated: number;
  /** The size of all packed weights at present, in bytes. */
  readonly weightBytes: number;
  /** Restores tfjs' own kernels and frees the packed weights. A second call does nothing. */
  unregister(): void;
}

const BACKENDS = ['cpu', 'wasm'];

/** The kernels, each with the name that messages use. */
const KERNELS: Readonly<Record<string, readonly [where: string, compute: Compute]>> = {
  Conv2D: ['tf.conv2d', convolution(false)],
  FusedConv2D: ['tf.fused.conv2d', convolution(false)],
  DepthwiseConv2dNative: ['tf.depthwiseConv2d', convolution(true)],
  FusedDepthwiseConv2D: ['tf.fused.depthwiseConv2d', convolution(true)],
  Conv2DBackpropInput: [
    'Conv2DBackpropInput (tf.conv2dTranspose, gradient of tf.conv2d)',
    inputGradient(false),
  ],
  Conv2DBackpropFilter: ['Conv2DBackpropFilter (gradient of tf.conv2d)', filterGradient(false)],
  DepthwiseConv2dNativeBackpropInput: [
    'DepthwiseConv2dNativeBackpropInput (gradient of tf.depthwiseConv2d)',
    inputGradient(true),
  ],
  DepthwiseConv2dNativeBackpropFilter: [
    'DepthwiseConv2dNativeBackpropFilter (gradient of tf.depthwiseConv2d)',
    filterGradient(true),
  ],
  MaxPoolGrad: ['MaxPoolGrad (gradient of tf.maxPool)', poolGradient(true)],
  AvgPoolGrad: ['AvgPoolGrad (gradient of tf.avgPool)', poolGradient(false)],
};

/**
 * Registers corr2d's convolutions in TensorFlow.js. From then on, `c` computes these kernels of the
 * backends `cpu` and `wasm`, which includes those that `wasm` lacks, so that models with convolutions
 * can be trained there:
 *
 * - `Conv2D`, `DepthwiseConv2dNative`, `FusedConv2D` and `FusedDepthwiseConv2D`, with every activation,
 * - `Conv2DBackpropInput`, which is also `tf.conv2dTranspose`, and `Conv2DBackpropFilter`,
 * - `DepthwiseConv2dNativeBackpropInput` and `DepthwiseConv2dNativeBackpropFilter`,
 * - `MaxPoolGrad` and `AvgPoolGrad`, the gradients of `tf.maxPool` and `tf.avgPool`.
 *
 * Import the backends first. A weight is packed at its first use, and stays packed until its tensor is
 * disposed or assigned another value.
 *
 * tfjs' own kernels still compute what corr2d does not support: types other than float32, a bias that is
 * not one number for each output channel, and convolutions that do not fit into the heap. Where the
 * backend has no such kernel, the call throws `UNSUPPORTED`.
 *
 * @example
 * ```js
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-wasm';
 * import { load } from 'corr2d';
 * import { register } from 'corr2d/tfjs';
 *
 * await tf.setBackend('wasm');
 * const registration = register(tf, await load());
 * tf.conv2d(tf.ones([1, 8, 8, 3]), tf.ones([3, 3, 3, 4]), 1, 'same');
 * console.log(registration.computed); // 1
 * registration.unregister();
 * ```
 *
 * @param tf the module of `@tensorflow/tfjs-core` or `@tensorflow/tfjs`
 * @param c the instance that computes
 * @returns what was registered, with counters and the function that undoes it
 * @throws `INVALID_ARGUMENT` if an argument is something else, `DISPOSED` for a disposed instance, and
 * `UNSUPPORTED` if `tf` has kernels of neither backend
 */
export function register(tf: Tfjs, c: Corr2d): Registration;
export function register(...args: [tf: Tfjs, c: Corr2d]): Registration {
  const [tf, c] = refuseSurplus('register', args, 2);
  assertTfjs(tf);
  assertInstance(c);
  return new Adapter(tf, c);
}

function assertTfjs(tf: unknown): void {
  const { getKernel, registerKernel, unregisterKernel, backend_util } = Object(tf);
  const functions = [getKernel, registerKernel, unregisterKernel, backend_util?.computeConv2DInfo];
  if (!functions.every((one) => typeof one === 'function')) {
    throw unexpected(
      'register: tf',
      tf,
      'the module of TensorFlow.js, as from import * as tf from "@tensorflow/tfjs"',
    );
  }
}

function assertInstance(c: unknown): void {
  const heap: Heap | undefined = Object(c)[heapKey];
  if (heap === undefined) {
    throw unexpected('register: c', c, 'an instance of corr2d: await load()');
  }
  try {
    heap.assertUsable();
  } catch (error) {
    const { code, message } = error as Corr2dError;
    throw new Corr2dError(code, `register: c is unusable: ${message}; expected a usable instance`);
  }
}

/** The kernels of registrations that were undone, each with the kernel that it had replaced. */
const undone = new WeakMap<Kernel, Kernel | undefined>();

/** The kernel itself, or the one that it had replaced if its registration was undone. */
function live(kernel: Kernel | undefined): Kernel | undefined {
  return kernel && undone.has(kernel) ? live(undone.get(kernel)) : kernel;
}

class Adapter implements Registration {
  computed = 0;
  delegated = 0;
  readonly #tf: Tfjs;
  readonly #plans: WeightPlans;
  readonly #kernels: { own: Kernel; before: Kernel | undefined }[] = [];
  #isRegistered = true;

  constructor(tf: Tfjs, c: Corr2d) {
    this.#tf = tf;
    this.#plans = new WeightPlans(c);
    bindMethods(this, methodsOf(Adapter.prototype));
    for (const backendName of BACKENDS) {
      const kernel = (name: string) => tf.getKernel(name, backendName) as Kernel | undefined;
      // Without any kernel of convolutions, the backend has not been imported.
      if (!Object.keys(KERNELS).some(kernel)) continue;
      for (const [kernelName, [where, compute]] of Object.entries(KERNELS)) {
        const before = kernel(kernelName);
        const context = { tf, c, plans: this.#plans, where, kernel };
        const own: Kernel = {
          ...before,
          kernelName,
          backendName,
          kernelFunc: (call) => this.#run(context, compute, before, call as KernelCall),
        };
        this.#replace(before, own);
        this.#kernels.push({ own, before });
      }
    }
    if (this.#kernels.length === 0) {
      throw new Corr2dError(
        'UNSUPPORTED',
        'register: tf has no convolutions of the backends cpu and wasm; import a backend first',
      );
    }
  }

  get weightBytes(): number {
    return this.#plans.weightBytes;
  }

  unregister(): void {
    if (!this.#isRegistered) return;
    this.#isRegistered = false;
    for (const { own, before } of this.#kernels) {
      undone.set(own, before);
      // Other code may have replaced the kernel, and its replacement may call it.
      if (this.#tf.getKernel(own.kernelName, own.backendName) !== own) continue;
      this.#replace(own, live(before));
    }
    this.#plans.dispose();
  }

  #replace(before: Kernel | undefined, after: Kernel | undefined): void {
    if (before) this.#tf.unregisterKernel(before.kernelName, before.backendName);
    if (after) this.#tf.registerKernel(after as never);
  }

  #run(context: Context, compute: Compute, before: Kernel | undefined, call: KernelCall): unknown {
    let refusal: Corr2dError | undefined;
    try {
      const { where } = context;
      const result = this.#isRegistered ? compute(context, call) : 'corr2d was unregistered';
      if (typeof result !== 'string') {
        this.computed += 1;
        return result;
      }
      refusal = new Corr2dError('UNSUPPORTED', `${where}: ${result}`);
    } catch (error) {
      refusal = renamed(error, context.where);
      if (!/^(OUT_OF_MEMORY|UNSUPPORTED)$/.test(refusal.code)) throw refusal;
    }
    if (before === undefined) throw refusal;
    this.delegated += 1;
    return before.kernelFunc(call);
  }
}

/** The error of a function of corr2d, with the function of tfjs in its place. Throws any other error. */
function renamed(error: unknown, where: string): Corr2dError {
  if (!(error instanceof Corr2dError)) throw error;
  const message = error.message.replace(/^\w+: /, `${where}: `);
  return new Corr2dError(error.code, message, { cause: error });
}

/**
 * corr2d inside of TensorFlow.js: its convolutions in the place of the kernels of tfjs' backends `cpu`
 * and `wasm`.
 * @module corr2d/tfjs
 */

import type { Corr2d } from '../instance.js';
import type { Plan } from '../operators/plan.js';
import type { Activation } from '../problem/options.js';
import { Corr2dError } from '../runtime/corr2d-error.js';
import type { Tensor } from '../tensor/tensor.js';

export { Corr2dError, type Corr2dErrorCode } from '../runtime/corr2d-error.js';

/** What is asked of tfjs: `@tensorflow/tfjs-core` and `@tensorflow/tfjs` have it. */
export interface Tfjs {
  /** The kernel of this name on a backend. */
  getKernel(kernelName: string, backendName: string): unknown;
  /** Adds a kernel. */
  registerKernel(config: never): void;
  /** Removes one. */
  unregisterKernel(kernelName: string, backendName: string): void;
  /** Finds out what a convolution's padding and output are. */
  readonly backend_util: {
    /** The sizes that a convolution has. */
    computeConv2DInfo(...values: never[]): unknown;
    /** The other name of a format. */
    convertConv2DDataFormat(format: never): unknown;
  };
}

/** What `register` gives. */
export interface Registration {
  /** Calls that corr2d has computed. */
  readonly computed: number;
  /** Calls that were left to the kernels of tfjs: `elu` and `prelu`, say. */
  readonly delegated: number;
  /** Bytes of the weights that are packed at the moment. */
  readonly weightBytes: number;
  /** Puts tfjs' own kernels back, and frees the packed weights. Doing so twice is no error. */
  unregister(): void;
}

interface TensorInfo {
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly dtype: string;
}

interface Attributes {
  readonly strides: number | readonly [number, number];
  readonly pad: unknown;
  readonly dilations?: number | readonly [number, number] | null;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: string;
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

interface KernelCall {
  readonly inputs: Readonly<Record<string, TensorInfo | undefined>>;
  readonly backend: Backend;
  readonly attrs: Attributes;
}

interface Kernel {
  readonly kernelName: string;
  readonly backendName: string;
  readonly kernelFunc: (call: KernelCall) => unknown;
  readonly setupFunc?: (backend: object) => void;
  readonly disposeFunc?: (backend: object) => void;
}

/** Both backends have the first members; each has others by which data is reached without a copy. */
interface Backend {
  disposeData(dataId: object, force?: boolean): boolean;
  readSync(dataId: object): Float32Array;
  makeTensorInfo?(shape: readonly number[], dtype: string, values: Float32Array): TensorInfo;
  makeOutput?(shape: readonly number[], dtype: string): TensorInfo;
  typedArrayFromHeap?(tensor: TensorInfo): Float32Array;
}

/** tfjs' Conv2DInfo. */
interface ConvInfo {
  readonly dataFormat: 'channelsLast' | 'channelsFirst';
  readonly inChannels: number;
  readonly outChannels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outShape: readonly number[];
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly effectiveFilterHeight: number;
  readonly effectiveFilterWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

const backendNames = ['cpu', 'wasm'];
/** The kernels, and whether they are depthwise. */
const kernelNames: Readonly<Record<string, boolean>> = {
  Conv2D: false,
  FusedConv2D: false,
  DepthwiseConv2dNative: true,
  FusedDepthwiseConv2D: true,
};

/** For how many shapes of the input a weight stays packed; the one that was used least recently goes. */
const plansOfWeight = 4;

/**
 * Registers corr2d's convolutions in a program of TensorFlow.js: from now on `Conv2D`, `FusedConv2D`,
 * `DepthwiseConv2dNative` and `FusedDepthwiseConv2D` are computed by `c`, on the backends `cpu` and
 * `wasm`, as far as their kernels are there (import them before). A weight is packed when it is used
 * first, and stays so until its tensor is disposed of.
 *
 * What corr2d has not is left to the kernel that was there: the fused activations `elu` and `prelu`,
 * types other than float32, a bias that is not one number for each output channel, and what does not
 * fit in the heap. `UNSUPPORTED` where there are no kernels of either backend.
 */
export function register(tf: Tfjs, c: Corr2d): Registration {
  return new Adapter(tf, c);
}

class Adapter implements Registration {
  computed = 0;
  delegated = 0;
  weightBytes = 0;
  readonly #tf: Tfjs;
  readonly #c: Corr2d;
  readonly #kernels: { own: Kernel; before: Kernel }[] = [];
  /** By the dataId of the weight: its plans, by all else that they depend on. */
  #plans = new WeakMap<object, Map<string, Plan>>();
  /** Biases have numbers, as keys are text. */
  readonly #biases = new WeakMap<object, number>();
  #lastBias = 0;
  /** How to take back what was done to backends. */
  readonly #watched = new Map<Backend, () => void>();
  readonly #alive = new Set<Plan>();
  #isRegistered = true;

  constructor(tf: Tfjs, c: Corr2d) {
    this.#tf = tf;
    this.#c = c;
    for (const backendName of backendNames) {
      for (const kernelName of Object.keys(kernelNames)) {
        const before = tf.getKernel(kernelName, backendName) as Kernel | undefined;
        if (before === undefined) continue;
        const kernelFunc = (call: KernelCall) => this.#run(kernelName, before, call);
        const own: Kernel = { ...before, kernelFunc };
        this.#replace(own);
        this.#kernels.push({ own, before });
      }
    }
    if (this.#kernels.length === 0) {
      throw new Corr2dError(
        'UNSUPPORTED',
        'register: tf has no convolutions of the backends cpu and wasm; import one of them before',
      );
    }
  }

  unregister(): void {
    if (!this.#isRegistered) return;
    this.#isRegistered = false;
    for (const { own, before } of this.#kernels) {
      // Somebody else may have put another in its place, which may still call it.
      if (this.#tf.getKernel(own.kernelName, own.backendName) === own) this.#replace(before);
    }
    for (const restore of this.#watched.values()) restore();
    this.#watched.clear();
    for (const plan of this.#alive) plan.dispose();
    this.#alive.clear();
    this.#plans = new WeakMap();
    this.weightBytes = 0;
  }

  #replace(kernel: Kernel): void {
    this.#tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    this.#tf.registerKernel(kernel as never);
  }

  #run(name: string, before: Kernel, call: KernelCall): unknown {
    const found = this.#isRegistered
      ? this.#compute(kernelNames[name] as boolean, call)
      : undefined;
    if (found === undefined) {
      this.delegated += 1;
      return before.kernelFunc(call);
    }
    this.computed += 1;
    return found;
  }

  /** The result, or nothing where corr2d has not what is asked for. */
  #compute(isDepthwise: boolean, { inputs, backend, attrs }: KernelCall): TensorInfo | undefined {
    const { x, filter, bias } = inputs as Record<'x' | 'filter', TensorInfo> & {
      bias?: TensorInfo;
    };
    const activation = activationOf(attrs);
    const info = this.#infoOf(x.shape, filter.shape, attrs, isDepthwise);
    const padding = paddingOf(info);
    const floats = [x, filter, ...(bias ? [bias] : [])].every(({ dtype }) => dtype === 'float32');
    const isBias = !bias || (bias.shape.length === 1 && bias.shape[0] === info.outChannels);
    const [, , depth] = filter.shape;
    if (!activation || !padding || !floats || !isBias || depth !== info.inChannels) return;
    if (info.outShape.includes(0) || x.shape.includes(0)) return;

    const read = (tensor: TensorInfo) =>
      backend.typedArrayFromHeap?.(tensor) ?? backend.readSync(tensor.dataId);
    try {
      const plan = this.#planFor(
        backend,
        filter,
        [x.shape, padding, attrs, this.#biasId(bias)],
        () => {
          const [kh, kw] = filter.shape as [number, number];
          const data = read(filter);
          return {
            inputShape: x.shape,
            // A depthwise weight kh×kw×Ci×multiplier is, in this order, one of Ci groups.
            weight: {
              data,
              shape: isDepthwise ? [kh, kw, 1, info.outChannels] : filter.shape,
            },
            weightLayout: 'hwio',
            layout: info.dataFormat === 'channelsLast' ? 'nhwc' : 'nchw',
            groups: isDepthwise ? info.inChannels : 1,
            stride: [info.strideHeight, info.strideWidth],
            dilation: [info.dilationHeight, info.dilationWidth],
            padding,
            activation,
            ...(bias && { bias: { data: read(bias), shape: bias.shape } }),
          };
        },
      );
      const result = plan.run({ data: read(x), shape: x.shape });
      try {
        return written(backend, info.outShape, result);
      } finally {
        result.dispose();
      }
    } catch (error) {
      if (error instanceof Corr2dError && /^(OUT_OF_MEMORY|UNSUPPORTED)$/.test(error.code)) return;
      throw error;
    }
  }

  #infoOf(
    input: readonly number[],
    filter: readonly number[],
    { strides, dilations, pad, dimRoundingMode, dataFormat = 'NHWC' }: Attributes,
    isDepthwise: boolean,
  ): ConvInfo {
    const { computeConv2DInfo, convertConv2DDataFormat } = this.#tf.backend_util as {
      computeConv2DInfo(...values: unknown[]): unknown;
      convertConv2DDataFormat(format: unknown): unknown;
    };
    const format = convertConv2DDataFormat(dataFormat);
    return computeConv2DInfo(
      ...[input, filter, strides, dilations ?? 1, pad, dimRoundingMode, isDepthwise, format],
    ) as ConvInfo;
  }

  /** The plan of a weight for all that `parts` say. */
  #planFor(
    backend: Backend,
    { dataId }: TensorInfo,
    parts: readonly unknown[],
    options: () => Parameters<Corr2d['planConv2d']>[0],
  ): Plan {
    const plans = this.#plans.get(dataId) ?? new Map<string, Plan>();
    const key = JSON.stringify(parts);
    let plan = plans.get(key);
    if (plan === undefined) {
      plan = this.#c.planConv2d(options());
      this.#alive.add(plan);
      this.weightBytes += plan.weightBytes;
      this.#watch(backend);
      this.#plans.set(dataId, plans);
    }
    // The last one is the one that was used last.
    plans.delete(key);
    plans.set(key, plan);
    for (const [oldest, one] of plans) {
      if (plans.size <= plansOfWeight) break;
      plans.delete(oldest);
      this.#free(one);
    }
    return plan;
  }

  #free(plan: Plan): void {
    if (!this.#alive.delete(plan)) return;
    this.weightBytes -= plan.weightBytes;
    plan.dispose();
  }

  #biasId(bias: TensorInfo | undefined): number {
    if (bias === undefined) return 0;
    const known = this.#biases.get(bias.dataId) ?? ++this.#lastBias;
    this.#biases.set(bias.dataId, known);
    return known;
  }

  /** Has the plans of a weight freed when a backend frees its data. */
  #watch(backend: Backend): void {
    if (this.#watched.has(backend)) return;
    const { disposeData } = backend;
    const isOwn = Object.keys(backend).includes('disposeData');
    const watching = (dataId: object, force?: boolean): boolean => {
      const isGone = disposeData.call(backend, dataId, force);
      if (isGone) {
        for (const plan of this.#plans.get(dataId)?.values() ?? []) this.#free(plan);
        this.#plans.delete(dataId);
      }
      return isGone;
    };
    backend.disposeData = watching;
    this.#watched.set(backend, () => {
      if (backend.disposeData !== watching) return;
      if (isOwn) backend.disposeData = disposeData;
      else delete (backend as Partial<Backend>).disposeData;
    });
  }
}

/** A new tensor of the backend's: as much of `result` as has its shape. */
function written(backend: Backend, shape: readonly number[], result: Tensor): TensorInfo {
  if (!backend.makeOutput || !backend.typedArrayFromHeap) {
    const size = shape.reduce((product, length) => product * length, 1);
    // Not filled with zeros before, where it can be helped.
    const values = size === result.size ? result.data.slice() : new Float32Array(size);
    if (size !== result.size) copy(result, values, shape);
    return (backend as Required<Backend>).makeTensorInfo(shape, 'float32', values);
  }
  const output = backend.makeOutput(shape, 'float32');
  // Its heap may have grown only now.
  copy(result, backend.typedArrayFromHeap(output), shape);
  return output;
}

/** Copies what begins at the origin and has the shape `to`; both have four axes. */
function copy({ data, shape, size }: Tensor, target: Float32Array, to: readonly number[]): void {
  if (size === target.length) {
    target.set(data);
    return;
  }
  const [, b, c, d] = shape as [number, number, number, number];
  const [batch, rows, columns, length] = to as [number, number, number, number];
  for (let n = 0, next = 0; n < batch; n++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, next += length) {
        const from = ((n * b + i) * c + j) * d;
        target.set(data.subarray(from, from + length), next);
      }
    }
  }
}

/** tfjs' name of an activation in corr2d's words; nothing where corr2d has it not. */
function activationOf({ activation, leakyreluAlpha: alpha }: Attributes): Activation | undefined {
  switch (activation) {
    case undefined:
    case 'linear':
      return 'none';
    case 'relu':
    case 'relu6':
    case 'sigmoid':
      return activation;
    case 'leakyrelu':
      return Number.isFinite(alpha) ? { type: 'leaky-relu', alpha: alpha as number } : undefined;
    default:
      return undefined;
  }
}

/**
 * Pads with which the output is at least as large as tfjs has found it to be. It rounds as it is told,
 * and takes the kernel for square where padding is a number: where it reads beyond its pads there are
 * zeros, and what it does not compute is left out by `written`. Nothing where its pads are no numbers.
 */
function paddingOf(info: ConvInfo): [number, number, number, number] | undefined {
  const after = (size: number, before: number, window: number, stride: number, outputs: number) =>
    Math.max((outputs - 1) * stride + window - size - before, 0);
  const { padInfo, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth } = info;
  const { top, left } = padInfo;
  const bottom = after(inHeight, top, info.effectiveFilterHeight, strideHeight, outHeight);
  const right = after(inWidth, left, info.effectiveFilterWidth, strideWidth, outWidth);
  const pads: [number, number, number, number] = [top, bottom, left, right];
  return pads.every((pad) => Number.isInteger(pad) && pad >= 0) ? pads : undefined;
}

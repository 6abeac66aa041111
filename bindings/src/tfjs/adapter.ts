import type { Corr2d } from '../instance.js';
import type { Plan } from '../operators/plan.js';
import { Corr2dError } from '../runtime/corr2d-error.js';
import { activationOf, paddingOf, toTfjs } from './convert.js';
import type {
  Attributes,
  Backend,
  ConvInfo,
  Kernel,
  KernelCall,
  TensorInfo,
  Tfjs,
} from './kernels.js';

/** The result of `register`. */
export interface Registration {
  /** The number of calls that corr2d has computed. */
  readonly computed: number;
  /** The number of calls that were passed to tfjs' own kernels, for example with `elu` or `prelu`. */
  readonly delegated: number;
  /** The size of all packed weights at present, in bytes. */
  readonly weightBytes: number;
  /** Restores tfjs' own kernels and frees the packed weights. A second call does nothing. */
  unregister(): void;
}

const BACKENDS = ['cpu', 'wasm'];
/** The names of the kernels, and whether they are depthwise. */
const KERNELS: Readonly<Record<string, boolean>> = {
  Conv2D: false,
  FusedConv2D: false,
  DepthwiseConv2dNative: true,
  FusedDepthwiseConv2D: true,
};

/** The number of input shapes for which a weight stays packed; the least recently used is dropped. */
const MAX_PLANS_PER_WEIGHT = 4;

/**
 * Registers corr2d's convolutions in TensorFlow.js. From then on, `c` computes the kernels `Conv2D`,
 * `FusedConv2D`, `DepthwiseConv2dNative` and `FusedDepthwiseConv2D` of the backends `cpu` and `wasm`.
 * Import the backends first. A weight is packed at its first use, and stays packed until its tensor is
 * disposed.
 *
 * tfjs' own kernels still compute what corr2d does not support: the fused activations `elu` and
 * `prelu`, types other than float32, a bias that is not one number for each output channel, and
 * convolutions that do not fit into the heap.
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
 * @throws `UNSUPPORTED` if `tf` has kernels of neither backend
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
  /** The plans of each weight, by its dataId and then by everything else that they depend on. */
  #plans = new WeakMap<object, Map<string, Plan>>();
  /** A number for each bias, used in the keys of plans. */
  readonly #biases = new WeakMap<object, number>();
  #lastBias = 0;
  /** The backends whose `disposeData` was replaced, each with a function that restores it. */
  readonly #watched = new Map<Backend, () => void>();
  readonly #alive = new Set<Plan>();
  #isRegistered = true;

  constructor(tf: Tfjs, c: Corr2d) {
    this.#tf = tf;
    this.#c = c;
    for (const backendName of BACKENDS) {
      for (const kernelName of Object.keys(KERNELS)) {
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
        'register: tf has no convolutions of the backends cpu and wasm; import a backend first',
      );
    }
  }

  unregister(): void {
    if (!this.#isRegistered) return;
    this.#isRegistered = false;
    for (const { own, before } of this.#kernels) {
      // Other code may have replaced the kernel, and its replacement may call it.
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
    const found = this.#isRegistered ? this.#compute(KERNELS[name] as boolean, call) : undefined;
    if (found === undefined) {
      this.delegated += 1;
      return before.kernelFunc(call);
    }
    this.computed += 1;
    return found;
  }

  /** Computes the result; undefined if corr2d does not support the call. */
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
            // In this order, a depthwise weight kh×kw×Ci×multiplier is a weight of Ci groups.
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
        return toTfjs(backend, info.outShape, result);
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

  /** Finds or creates the plan of a weight. `parts` is everything else that it depends on. */
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
    // The order of the map is from the least to the most recently used plan.
    plans.delete(key);
    plans.set(key, plan);
    for (const [oldest, one] of plans) {
      if (plans.size <= MAX_PLANS_PER_WEIGHT) break;
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

  /** Frees the plans of a weight when the backend frees its data. */
  #watch(backend: Backend): void {
    if (this.#watched.has(backend)) return;
    const { disposeData } = backend;
    const isOwn = Object.keys(backend).includes('disposeData');
    const watching = (dataId: object, force?: boolean): boolean => {
      const isFreed = disposeData.call(backend, dataId, force);
      if (isFreed) {
        for (const plan of this.#plans.get(dataId)?.values() ?? []) this.#free(plan);
        this.#plans.delete(dataId);
      }
      return isFreed;
    };
    backend.disposeData = watching;
    this.#watched.set(backend, () => {
      if (backend.disposeData !== watching) return;
      if (isOwn) backend.disposeData = disposeData;
      else delete (backend as Partial<Backend>).disposeData;
    });
  }
}

import type { Corr2d } from '../instance.js';
import type { Plan } from '../operators/plan.js';
import type { Conv2dPlanOptions } from '../operators/planned.js';
import type { Backend, TensorInfo } from './kernels.js';

/** The number of input shapes for which a weight stays packed; the least recently used is dropped. */
const MAX_PLANS_PER_WEIGHT = 4;

/** The plans of each weight. They are disposed when tfjs frees the data of the weight. */
export class WeightPlans {
  weightBytes = 0;
  readonly #c: Corr2d;
  /** The plans of each weight, by its dataId and then by everything else that they depend on. */
  #plans = new WeakMap<object, Map<string, Plan>>();
  /** A number for each bias, used in the keys of plans. */
  readonly #biases = new WeakMap<object, number>();
  #lastBias = 0;
  /** The backends whose `disposeData` was replaced, each with a function that restores it. */
  readonly #watched = new Map<Backend, () => void>();
  readonly #alive = new Set<Plan>();

  constructor(c: Corr2d) {
    this.#c = c;
  }

  /** Finds or creates a plan. `read` reads the elements of a tensor. */
  find(
    backend: Backend,
    { dataId }: TensorInfo,
    bias: TensorInfo | undefined,
    geometry: Omit<Conv2dPlanOptions, 'weight' | 'bias'>,
    weightShape: readonly number[],
    read: (tensor: 'weight' | 'bias') => Float32Array,
  ): Plan {
    const plans = this.#plans.get(dataId) ?? new Map<string, Plan>();
    const key = JSON.stringify([geometry, weightShape, this.#biasId(bias)]);
    let plan = plans.get(key);
    if (plan === undefined) {
      plan = this.#c.planConv2d({
        ...geometry,
        weight: { data: read('weight'), shape: weightShape },
        ...(bias && { bias: { data: read('bias'), shape: bias.shape } }),
      });
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

  dispose(): void {
    for (const restore of this.#watched.values()) restore();
    this.#watched.clear();
    for (const plan of this.#alive) plan.dispose();
    this.#alive.clear();
    this.#plans = new WeakMap();
    this.weightBytes = 0;
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

import type { Conv2dOptions, Corr2d, Plan, Tensor } from 'corr2d';

type Weights = readonly (readonly (readonly (readonly number[])[])[])[];

/** A convolution for repeated runs. It is planned again only when the input shape or weights change. */
export class Layer {
  readonly #c: Corr2d;
  readonly #options: Omit<Conv2dOptions, 'add' | 'out'>;
  #weight: Weights;
  #bias: readonly number[] | undefined;
  #plan: Plan | null = null;
  #shape = '';
  #out: Tensor | null = null;

  constructor(c: Corr2d, weight: Weights, options: Omit<Conv2dOptions, 'add' | 'out'> = {}) {
    this.#c = c;
    this.#weight = weight;
    this.#options = options;
  }

  setWeights(weight: Weights, bias?: readonly number[]): void {
    this.#weight = weight;
    this.#bias = bias;
    this.dispose();
  }

  /** Runs the layer. The layer owns the output tensor, and the next run overwrites it. */
  run(input: Tensor): Tensor {
    const shape = input.shape.join();
    if (shape !== this.#shape) this.dispose();
    this.#shape = shape;
    this.#plan ??= this.#c.planConv2d({
      inputShape: input.shape,
      weight: this.#weight as unknown as number[][][][],
      ...(this.#bias && { bias: this.#bias as number[] }),
      ...this.#options,
    });
    this.#out = this.#plan.run(input, this.#out ?? undefined);
    return this.#out;
  }

  /** Frees the plan and the output. The next run plans again. */
  dispose(): void {
    this.#plan?.dispose();
    this.#out?.dispose();
    this.#plan = null;
    this.#out = null;
  }
}

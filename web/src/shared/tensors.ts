import type { Tensor } from 'corr2d';

/** Registers a tensor to be disposed of, and returns it. */
export type Own = (tensor: Tensor) => Tensor;

/** Runs `work` and then disposes of all tensors that it passed to `own`, even if it throws. */
export function withTensors<T>(work: (own: Own) => T): T {
  const tensors: Tensor[] = [];
  try {
    return work((tensor) => {
      tensors.push(tensor);
      return tensor;
    });
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

/** The asynchronous form of `withTensors`. */
export async function withTensorsAsync<T>(work: (own: Own) => Promise<T>): Promise<T> {
  const tensors: Tensor[] = [];
  try {
    return await work((tensor) => {
      tensors.push(tensor);
      return tensor;
    });
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

/** A random seed from 0 to 999,999. */
export const randomSeed = (): number =>
  (crypto.getRandomValues(new Uint32Array(1))[0] ?? 1) % 1_000_000;

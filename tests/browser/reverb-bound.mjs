// The response and the input with which tests run the reverb of examples/audio-worklet, the convolution in
// float64, and the bound of the error. Pages import this file too.

/** Samples in a block of audio. */
export const BLOCK = 128;
/** One second at 48 kHz, and a part of a block. */
const RESPONSE_LENGTH = 48_000 + 5;
/** The clicks of the input: positions in samples, which are in different places of a block, and heights. */
const CLICKS = [
  [0, 1],
  [127, -0.5],
  [5000, 0.75],
  [23_041, -1],
];
/** The number of blocks, enough for the whole response of the first click. */
export const BLOCKS = 400;

/**
 * Echoes that decay, about two in each partition: always the same float32 numbers. The bound grows with the
 * 1-norm of a partition, so a denser response would make it larger than the numbers themselves.
 */
export function createResponse() {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
  return Float32Array.from({ length: RESPONSE_LENGTH }, (_, i) =>
    Math.abs(next()) < 1 / 64 ? next() * Math.exp(-i / 24_000) : 0,
  );
}

export function createInput() {
  const input = new Float32Array(BLOCKS * BLOCK);
  for (const [position, height] of CLICKS) input[position] = height;
  return input;
}

/** The largest number by which a result exceeds the bound of its error; at most 0 if all are within it. */
export function largestExcess(output, response = createResponse()) {
  const partitions = Math.ceil(response.length / BLOCK);
  const norms = Array.from({ length: partitions }, (_, p) =>
    response.subarray(p * BLOCK, (p + 1) * BLOCK).reduce((sum, value) => sum + Math.abs(value), 0),
  );
  let largest = -Infinity;
  for (let i = 0; i < output.length; i++) {
    let expected = 0;
    // The sum of the products of the 1-norms of frames and partitions. A click is in two frames.
    let norm = 0;
    for (const [position, height] of CLICKS) {
      expected += height * (response[i - position] ?? 0);
      const distance = Math.floor(i / BLOCK) - Math.floor(position / BLOCK);
      for (const p of [distance - 1, distance]) norm += Math.abs(height) * (norms[p] ?? 0);
    }
    const excess = Math.abs(output[i] - expected) - bound(partitions, norm);
    // Negated, so that NaN counts.
    if (!(excess <= largest)) largest = excess;
  }
  return largest;
}

/**
 * The bound of the error of `createConvolver`, by first-order analysis, with ε = 2⁻²⁴ and the bound
 * (K + 1)·ε·Σ|w||x| for a sum of K products (docs/accuracy.md). With the 1-norms |x| of a frame, of 256
 * samples, and |h| of a partition, and N the sum of |x||h| over the partitions:
 * - A number of a spectrum is at most |x|. Its error is 257·ε·|x|, and ε·|x| more because the entries of
 *   the transform are rounded; likewise for |h|.
 * - A sum of products is at most N. Its error is (P + 1)·ε·N for P partitions, and 2·258·ε·N from the spectra.
 * - The inverse transform adds 516 such sums with weights of at most 2/256, which are rounded twice: its
 *   error is (517 + 2)·ε·516/128·N, and 516/128 times the error of the sums.
 */
const bound = (partitions, norm) => (516 / 128) * (partitions + 1 + 516 + 519) * 2 ** -24 * norm;

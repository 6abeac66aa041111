// Convolves audio with a long impulse response, block by block and without latency: uniformly partitioned
// convolution by overlap-save.
//
// The response is cut into partitions of one block each. A delay line holds the spectra of the latest
// blocks, and the spectra of the partitions are the weight of a depthwise convolution along it. Each plan
// writes into a tensor that is allocated once, so computing a block allocates nothing.

/** The samples in a block, which Web Audio calls a render quantum. */
export const BLOCK = 128;
/** A frame is a block and the block before it. */
const FRAME = 2 * BLOCK;
/** The frequencies of a frame. */
const BINS = FRAME / 2 + 1;
/** A spectrum is the real parts of all frequencies, then the imaginary parts. */
const SPECTRUM = 2 * BINS;

/** The Fourier transform of a frame as a SPECTRUM×FRAME matrix. */
const fourier = Float32Array.from({ length: SPECTRUM * FRAME }, (_, i) => {
  const row = Math.floor(i / FRAME);
  const angle = (2 * Math.PI * (row % BINS) * (i % FRAME)) / FRAME;
  return row < BINS ? Math.cos(angle) : -Math.sin(angle);
});

/**
 * Prepares the convolution with `response`, a Float32Array. The result's `run` computes one block.
 *
 * @param {import('corr2d').Corr2d} c
 * @param {Float32Array} response
 */
export async function createConvolver(c, response) {
  const partitions = Math.ceil(response.length / BLOCK);

  // The transform is a correlation with one filter for each row of the matrix.
  const rows = c.tensor(fourier, [SPECTRUM, 1, FRAME]);
  const analysis = c.planConv1d({ inputShape: [1, FRAME], weight: rows });

  const padded = new Float32Array(partitions * FRAME);
  for (let p = 0; p < partitions; p++) {
    padded.set(response.subarray(p * BLOCK, (p + 1) * BLOCK), p * FRAME);
  }
  const spectra = c.conv1d({ data: padded, shape: [partitions, 1, FRAME] }, rows);

  // Complex products, (a + ib)(c + id) = (ac − bd) + i(bc + ad), whose two parts the synthesis adds.
  const isReal = (i) => i % SPECTRUM < BINS;
  const h = spectra.data.slice();
  const delay = [
    h.map((value, i) => (isReal(i) ? value : -value)),
    h.map((_, i) => (isReal(i) ? h[i + BINS] : h[i - BINS])),
  ].map((data) =>
    c.planConv2d({
      inputShape: [1, partitions, SPECTRUM],
      weight: { data, shape: [1, partitions, 1, SPECTRUM] },
      groups: SPECTRUM,
      layout: 'nhwc',
      weightLayout: 'hwio',
    }),
  );

  // The inverse transform of the second half of a frame. Half of the frequencies stand for two each.
  const inverse = Float32Array.from({ length: BLOCK * 2 * SPECTRUM }, (_, i) => {
    const column = i % (2 * SPECTRUM);
    const sample = BLOCK + Math.floor(i / (2 * SPECTRUM));
    const bin = column % BINS;
    const row = column < SPECTRUM ? bin : BINS + bin;
    const count = bin === 0 || bin === BINS - 1 ? 1 : 2;
    return (count / FRAME) * fourier[row * FRAME + sample];
  });
  const synthesis = c.planConv1d({
    inputShape: [1, 2 * SPECTRUM],
    weight: { data: inverse, shape: [BLOCK, 1, 2 * SPECTRUM] },
  });

  const frame = c.zeros([1, FRAME]);
  const line = c.zeros([1, partitions, SPECTRUM]);
  const newest = line.reshape([partitions, SPECTRUM, 1]).at(0);
  const products = c.zeros([2, 1, 1, SPECTRUM]);
  const parts = [products.at(0), products.at(1)];
  const sums = products.reshape([1, 2 * SPECTRUM]);
  const block = c.zeros([BLOCK, 1]);
  spectra.dispose();
  rows.dispose();
  for (const plan of [analysis, ...delay, synthesis]) await plan.warmup();

  // From here on the heap does not grow, so these views stay valid.
  const [frameData, lineData, blockData] = [frame.data, line.data, block.data];
  return {
    /**
     * Computes the next block. Without an `input`, the block is silent.
     *
     * @param {Float32Array | undefined} input
     * @param {Float32Array} output
     */
    run(input, output) {
      frameData.copyWithin(0, BLOCK);
      if (input) frameData.set(input, BLOCK);
      else frameData.fill(0, BLOCK);
      lineData.copyWithin(SPECTRUM, 0);
      analysis.run(frame, newest);
      delay[0].run(line, parts[0]);
      delay[1].run(line, parts[1]);
      synthesis.run(sums, block);
      output.set(blockData);
    },
  };
}

// libvips compiled to WebAssembly, for filters of 8-bit images whose kernel is a product of a column and a row.
// Its integer arithmetic is faster than its floats, and its results differ by a few units.
import { gaussian1d } from '../data.mjs';
import { loadVips } from './load.mjs';
import { Unsupported } from './unsupported.mjs';

/** By how much the rounded kernels of its integer arithmetic change 8-bit results: 8 for 3×3, 4 for larger ones. */
const maxDifference = (size) => (size <= 3 ? 8 : 4);

export async function create(options) {
  const { vips, version } = await loadVips(options);
  return {
    name: 'vips',
    version,
    threads: 1,
    prepare(shape, data) {
      const { kernel, paddingMode } = shape;
      if (shape.kind !== 'rgba') throw new Unsupported('is measured for 8-bit RGBA images only');
      if (paddingMode !== 'replicate') throw new Unsupported('replicates the border only');
      if (kernel[0] !== kernel[1]) throw new Unsupported('is measured with square kernels only');
      return prepare(vips, kernel[0], data);
    },
  };
}

/** Filters ImageData. The time includes both copies, as for corr2d. */
function prepare(vips, size, { image: { data, width, height } }) {
  const factor = gaussian1d(size);
  const mask = vips.Image.newFromArray([factor], 1);
  const out = new Uint8ClampedArray(data.length);
  return {
    maxDifference: maxDifference(size),
    run() {
      const from = vips.Image.newFromMemory(data, width, height, 4, 'uchar');
      const to = from.convsep(mask, { precision: 'integer' });
      out.set(to.writeToMemory());
      to.delete();
      from.delete();
    },
    outputs: () => [out],
    dispose: () => mask.delete(),
  };
}

import * as option from '../problem/options.js';
import { fieldsOf, kinds, measure, paddingModes, run } from '../problem/problem.js';
import { withRoom } from '../runtime/allocate.js';
import * as argument from '../runtime/arguments.js';
import { Corr2dError, showShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import { operand, withTensors } from '../tensor/operands.js';
import type { TensorLike } from '../tensor/tensor.js';
import { copyElements } from '../tensor/views.js';
import { pixels } from './image.js';
import { type ImageDataLike, type Picture, picture } from './image-data.js';

/** The options of `filter2d`. */
export interface Filter2dOptions {
  /** Added to each of R, G and B, in units of 0 to 255. Default 0. */
  bias?: number;
  /** What stands beyond the edges; `'reflect'` does not repeat the edge. Default `'replicate'`. */
  border?: 'replicate' | 'reflect' | 'zeros';
  /** Where the picture goes, of the same size; may be the one that is read. */
  out?: ImageDataLike;
}

/** @internal */
export function filter2d(
  heap: Heap,
  imageData: ImageDataLike,
  kernel: TensorLike,
  options?: Filter2dOptions,
): Picture {
  const where = 'filter2d';
  heap.assertUsable(`${where}:`);
  const { data, width, height } = pixels(imageData, `${where}: imageData`);
  const weight = operand(heap, kernel, `${where}: kernel`);
  if (weight.shape.length !== 2) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where}: kernel is ${showShape(weight.shape)}, must be kh×kw`,
    );
  }
  const [kh, kw] = weight.shape as unknown as [number, number];
  const given = argument.options(options, where, ['bias', 'border', 'out']);
  const bias = given.bias === undefined ? 0 : argument.number(given.bias, `${where}: bias`);
  const border = option.choice(given.border, `${where}: border`, ['replicate', 'reflect', 'zeros']);
  const out = given.out === undefined ? undefined : pixels(given.out, `${where}: out`);
  if (out !== undefined && (out.width !== width || out.height !== height)) {
    throw new Corr2dError(
      'SHAPE_MISMATCH',
      `${where}: out is ${out.width}×${out.height} pixels, must be ${width}×${height} as imageData is`,
    );
  }
  // The kernel's middle, as OpenCV has it.
  const [top, left] = [Math.floor(kh / 2), Math.floor(kw / 2)];
  const problem = {
    where,
    given: [
      { name: 'imageData', shape: [height, width] },
      { name: 'kernel', shape: weight.shape },
    ],
    fields: fieldsOf({
      kind: kinds.filterImage,
      input_channels: 4,
      output_channels: 4,
      input_height: height,
      input_width: width,
      kernel_height: kh,
      kernel_width: kw,
      pad_top: top,
      pad_bottom: kh - 1 - top,
      pad_left: left,
      pad_right: kw - 1 - left,
      padding_mode: border === 'zeros' ? paddingModes.constant : paddingModes[border],
      has_bias: 1,
    }),
  };
  measure(heap, problem);
  const offset = { shape: [1], data: [bias] };
  const bytes = 4 * width * height;
  return withTensors(heap, where, [weight, offset], ([w, b]) =>
    heap.lend(bytes, where, (from) =>
      heap.lend(bytes, where, (to) => {
        copyElements(heap.bytesAt(from, bytes), data, where);
        run(heap, problem, from, w.address, b.address, to);
        const filtered = heap.bytesAt(to, bytes);
        if (out === undefined) {
          return picture(
            withRoom(bytes, where, () => filtered.slice()),
            width,
            height,
          );
        }
        copyElements(out.data, filtered, where);
        return given.out as Picture;
      }),
    ),
  );
}

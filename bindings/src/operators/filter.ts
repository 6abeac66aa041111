import { fieldsOf, measure, run } from '../problem/problem.js';
import { kinds, paddingModes } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { mismatch, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { operand, withTensors } from '../tensor/operands.js';
import type { TensorLike } from '../tensor/tensor.js';
import { copyElements } from '../tensor/views.js';
import { readPixels } from './image.js';
import {
  createImageData,
  type EngineImageData,
  type ImageDataInput,
  type ImageDataLike,
} from './image-data.js';

/** Filters for images. */
export interface FilterMethods {
  /**
   * Correlates the red, green and blue channels of an image with a kernel, like OpenCV's filter2D.
   * Results are rounded to the nearest integer and clamped to 0 to 255; alpha is kept. The kernel's
   * anchor is (⌊kh/2⌋, ⌊kw/2⌋).
   *
   * @example
   * ```js
   * const image = { width: 3, height: 1, data: new Uint8ClampedArray(12).fill(255) };
   * image.data.set([0, 0, 0], 4); // a black pixel between two white ones
   * const blurred = c.filter2d(image, [[0.25, 0.5, 0.25]]);
   * console.log(blurred.data.slice(4, 8).join()); // 128,128,128,255
   * ```
   *
   * @param imageData an image with 8 bits per channel
   * @param kernel kh×kw
   * @returns an image of the same size: `out`, or a new one
   */
  filter2d(imageData: ImageDataInput, kernel: TensorLike, options?: Filter2dOptions): ImageDataLike;
}

/** The options of `filter2d`. */
export interface Filter2dOptions {
  /** A number that is added to each of R, G and B, in units of 0 to 255. Default 0. */
  bias?: number;
  /**
   * The pixels beyond the edges: the nearest edge pixel (`'replicate'`, the default), the image
   * mirrored without repeating the edge pixel (`'reflect'`), or zeros.
   */
  border?: 'replicate' | 'reflect' | 'zeros';
  /** An image of the same size that receives the result; it may be the input. Default: a new one. */
  out?: ImageDataInput;
}

function filter2d(
  heap: Heap,
  imageData: ImageDataInput,
  kernel: TensorLike,
  options?: Filter2dOptions,
): EngineImageData {
  const where = 'filter2d';
  heap.assertUsable(`${where}:`);
  const { data, width, height } = readPixels(imageData, `${where}: imageData`);
  const weight = operand(heap, kernel, `${where}: kernel`);
  if (weight.shape.length !== 2) throw unexpectedShape(`${where}: kernel`, weight.shape, 'kh×kw');
  const [kh, kw] = weight.shape as unknown as [number, number];
  const given = argument.options(options, where, ['bias', 'border', 'out']);
  const bias = given.bias === undefined ? 0 : argument.number(given.bias, `${where}: bias`);
  const border = argument.choice(given.border, `${where}: border`, [
    'replicate',
    'reflect',
    'zeros',
  ]);
  const out = given.out === undefined ? undefined : readPixels(given.out, `${where}: out`);
  if (out !== undefined && (out.width !== width || out.height !== height)) {
    throw mismatch(
      `${where}: out is ${out.width}×${out.height} pixels; ` +
        `expected ${width}×${height}, like imageData`,
    );
  }
  // OpenCV's anchor: the middle of the kernel.
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
  const bytes = 4 * width * height;
  return withTensors(heap, where, [weight, { shape: [1], data: [bias] }], ([w, b]) =>
    heap.withBlock(bytes, where, (from) =>
      heap.withBlock(bytes, where, (to) => {
        copyElements(heap.bytesAt(from, bytes), data, where);
        run(heap, problem, from, w.address, b.address, to);
        const filtered = heap.bytesAt(to, bytes);
        if (out === undefined) {
          const copy = allocateOrThrow(bytes, where, () => filtered.slice());
          return createImageData(copy, width, height);
        }
        copyElements(out.data, filtered, where);
        return given.out as EngineImageData;
      }),
    ),
  );
}

/** @internal The implementations of `FilterMethods`. */
export const filterMethods: Implementation<FilterMethods> = {
  filter2d,
};

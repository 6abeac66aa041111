import { fieldsOf, measure } from '../problem/problem.js';
import { assertOk } from '../problem/status.js';
import { kinds, paddingModes, statuses } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { type Corr2dError, mismatch, unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { operand, withTensors } from '../tensor/operands.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { copyElements } from '../tensor/views.js';
import {
  type ColorSpace,
  createImageData,
  type EngineImageData,
  type ImageDataInput,
  readColorSpace,
} from './image-data.js';
import { canvasColorSpace, type ImageSource, readImage, readPixels } from './image-source.js';

/** Filters for images. */
export interface FilterMethods {
  /**
   * Correlates the red, green and blue channels of an image with a kernel, like OpenCV's filter2D.
   * Results are rounded to the nearest integer and clamped to 0 to 255. Alpha is copied, unless `preserveAlpha`
   * is false. The kernel's anchor is (⌊kh/2⌋, ⌊kw/2⌋). The kernel may be larger than the image.
   *
   * @example
   * ```js
   * const image = { width: 3, height: 1, data: new Uint8ClampedArray(12).fill(255) };
   * image.data.set([0, 0, 0], 4); // a black pixel between two white ones
   * const blurred = c.filter2d(image, [[0.25, 0.5, 0.25]]);
   * console.log(blurred.data.slice(4, 8).join()); // 128,128,128,255
   * ```
   *
   * @param imageData an ImageData with 8 bits per channel, or a source that `fromImage` accepts, such as a canvas
   * @param kernel kh×kw finite numbers
   * @param options `bias`, `border`, `preserveAlpha`, `colorSpace` and `out`
   * @returns an image of the same size and colour space: `out`, or a new `ImageData`
   * @throws `INVALID_ARGUMENT` if the kernel or the bias is not finite, the image's pixels cannot be read, or `out`
   * has another colour space
   * @throws `SHAPE_MISMATCH` if the kernel does not have two axes, `out` has another size, or the number of bytes
   * of an image is not 4 for each pixel
   * @throws `UNSUPPORTED` if the engine does not have the colour space
   */
  filter2d<Out extends ImageDataInput = EngineImageData>(
    imageData: ImageSource,
    kernel: TensorLike,
    options?: Filter2dOptions<Out>,
  ): Out;
}

/** The options of `filter2d`. */
export interface Filter2dOptions<Out extends ImageDataInput = EngineImageData> {
  /** A number that is added to each of R, G and B, in units of 0 to 255. Default 0. */
  bias?: number | undefined;
  /**
   * The pixels beyond the edges: the nearest edge pixel (`'replicate'`, the default), the image
   * mirrored without (`'reflect'`) or with (`'symmetric'`) repeating the edge pixel, the opposite side
   * (`'wrap'`), or zeros.
   */
  border?: 'replicate' | 'reflect' | 'zeros' | 'wrap' | 'symmetric' | undefined;
  /**
   * Whether alpha is copied. With `false`, alpha is filtered too, and the colours are multiplied by it before and
   * divided by the result's alpha afterwards, so that colours of transparent pixels do not bleed, as in SVG's
   * feConvolveMatrix. The bias is then also added to alpha. A pixel whose alpha becomes 0 is transparent black.
   * Default `true`.
   */
  preserveAlpha?: boolean | undefined;
  /**
   * The colour space to which a source other than an `ImageData` is converted. Default: that of the 2D or WebGL
   * context of a canvas, otherwise `'srgb'`. Without this option, a canvas without a context gets a 2D context.
   */
  colorSpace?: ColorSpace | undefined;
  /**
   * An image of the same size and colour space that receives the result; it may be the input. Default: a new one.
   */
  out?: Out | undefined;
}

const BORDERS = {
  replicate: paddingModes.replicate,
  reflect: paddingModes.reflect,
  zeros: paddingModes.constant,
  wrap: paddingModes.circular,
  symmetric: paddingModes.symmetric,
};

function filter2d<Out extends ImageDataInput = EngineImageData>(
  heap: Heap,
  imageData: ImageSource,
  kernel: TensorLike,
  options?: Filter2dOptions<Out>,
): Out {
  const where = 'filter2d';
  heap.assertUsable(`${where}:`);
  const given = argument.options(options, where, [
    'bias',
    'border',
    'preserveAlpha',
    'colorSpace',
    'out',
  ]);
  const wanted = readColorSpace(given.colorSpace, where) ?? canvasColorSpace(imageData);
  const { data, width, height, colorSpace } = readImage(imageData, `${where}: imageData`, wanted);
  const weight = operand(heap, kernel, `${where}: kernel`);
  if (weight.shape.length !== 2) throw unexpectedShape(`${where}: kernel`, weight.shape, 'kh×kw');
  const [kh, kw] = weight.shape as unknown as [number, number];
  const bias = given.bias === undefined ? 0 : argument.finite(given.bias, `${where}: bias`);
  const borders = Object.keys(BORDERS) as (keyof typeof BORDERS)[];
  const border = argument.choice(given.border, `${where}: border`, borders);
  const preserveAlpha = argument.flag(given.preserveAlpha, `${where}: preserveAlpha`, true);
  const out =
    given.out === undefined ? undefined : readPixels(given.out, `${where}: out`, '', colorSpace);
  if (out !== undefined && (out.width !== width || out.height !== height)) {
    throw mismatch(
      `${where}: out is ${out.width}×${out.height} pixels; expected ${width}×${height}, like imageData`,
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
      padding_mode: BORDERS[border],
      preserve_alpha: Number(preserveAlpha),
      has_bias: 1,
    }),
  };
  measure(heap, problem);
  const bytes = 4 * width * height;
  return withTensors(heap, where, [weight, { shape: [1], data: [bias] }], ([w, b]) =>
    heap.withBlock(bytes, where, (from) =>
      heap.withBlock(bytes, where, (to) => {
        copyElements(heap.bytesAt(from, bytes), data, where);
        const status = heap.call.runRequest(heap.request, from, 0, 0, w.address, b.address, to);
        if (status === statuses.notFinite) throw notFinite(`${where}: kernel`, w);
        assertOk(heap, problem, status);
        const filtered = heap.bytesAt(to, bytes);
        if (out === undefined) {
          const copy = allocateOrThrow(bytes, where, () => filtered.slice());
          return createImageData(where, copy, width, height, colorSpace) as ImageDataInput as Out;
        }
        copyElements(out.data, filtered, where);
        return given.out as Out;
      }),
    ),
  );
}

/** The error for a kernel with an element that is NaN or infinite; it names the first one. */
function notFinite(where: string, kernel: Tensor): Corr2dError {
  const elements = kernel.elements();
  const at = elements.findIndex((element) => !Number.isFinite(element));
  const width = kernel.shape[1] as number;
  const position = `[${Math.floor(at / width)}][${at % width}]`;
  return unexpected(`${where}${position}`, elements[at], 'a finite float32 number');
}

/** @internal The implementations of `FilterMethods`. */
export const filterMethods: Implementation<FilterMethods> = {
  filter2d,
};

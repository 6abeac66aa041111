import type { Pair } from '../problem/options.js';
import { pair } from '../problem/read-options.js';
import { requiredSize } from '../problem/windows.js';
import * as argument from '../runtime/arguments.js';
import { unexpected } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { type Tensor, withResult } from '../tensor/tensor.js';

/** The kernels of `sobelKernels`. */
export interface SobelKernels {
  /** The derivative along rows: it is positive where numbers grow from left to right. */
  readonly x: Tensor;
  /** The derivative along columns: it is positive where numbers grow from top to bottom. */
  readonly y: Tensor;
}

/** Common kernels of image filters. They are computed in float64 and rounded to float32 once. */
export interface KernelMethods {
  /**
   * Creates a Gaussian kernel, exp(−x²/2σ²) along each axis, with the sum 1, like the outer product of two
   * cv2.getGaussianKernel(size, sigma) of odd size. With the default size, `correlate2d` with the boundary `'symm'`
   * and the mode `'same'` gives the result of scipy.ndimage.gaussian_filter.
   *
   * @example
   * ```js
   * const image = { width: 1, height: 3, data: Uint8ClampedArray.of(0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 255) };
   * const blurred = c.filter2d(image, c.gaussianKernel(0.5));
   * console.log(blurred.data[4], c.gaussianKernel(2).shape.join()); // 201 17,17
   * ```
   *
   * @param sigma σ, the standard deviation, in pixels, above 0
   * @param size the height and width, or `[h, w]`. x is 0 in the middle, for even sizes between two pixels. Default:
   * 2·⌊4σ + 0.5⌋ + 1, which is 4σ on both sides of the centre, as in SciPy.
   * @returns a tensor h×w for `conv2d`, `correlate2d` and `filter2d`
   * @throws `INVALID_ARGUMENT` if `sigma` is not a finite number above 0 or `size` is not a whole number of at least 1
   */
  gaussianKernel(sigma: number, size?: Pair): Tensor;

  /**
   * Creates a kernel of equal numbers with the sum 1, which averages windows, like cv2.blur.
   *
   * @example
   * ```js
   * console.log(c.correlate2d([[0, 3, 6, 9]], c.boxKernel([1, 3]), { mode: 'valid' }).data.join()); // 3,6
   * ```
   *
   * @param size the height and width, or `[h, w]`
   * @returns a tensor h×w for `conv2d`, `correlate2d` and `filter2d`
   * @throws `INVALID_ARGUMENT` if `size` is not a whole number of at least 1
   */
  boxKernel(size: Pair): Tensor;

  /**
   * Creates the two Sobel kernels, which smooth along one axis and take the derivative along the other, like
   * cv2.Sobel with `ksize=3`. They are kernels of a correlation; `convolve2d` negates the derivative.
   *
   * @example
   * ```js
   * const { x, y } = c.sobelKernels();
   * console.log(x.data.join()); // -1,0,1,-2,0,2,-1,0,1
   * console.log(y.data.join()); // -1,-2,-1,0,0,0,1,2,1
   * ```
   *
   * @returns `x` and `y`, tensors 3×3 for `conv2d`, `correlate2d` and `filter2d`
   * @throws `OUT_OF_MEMORY` without room in the heap
   */
  sobelKernels(): SobelKernels;

  /**
   * Creates a kernel of the Laplace operator, the sum of the second derivatives along both axes, like cv2.Laplacian
   * with `ksize=1` and scipy.ndimage.laplace.
   *
   * @example
   * ```js
   * console.log(c.laplacianKernel().data.join()); // 0,1,0,1,-4,1,0,1,0
   * ```
   *
   * @returns a tensor 3×3 for `conv2d`, `correlate2d` and `filter2d`
   * @throws `OUT_OF_MEMORY` without room in the heap
   */
  laplacianKernel(): Tensor;
}

/** Creates a kernel with these elements. */
const create = (
  heap: Heap,
  where: string,
  h: number,
  w: number,
  element: (y: number, x: number) => number,
) => {
  heap.assertUsable(`${where}:`);
  return withResult(heap, where, [h, w], (result) => {
    const elements = result.elements();
    for (let i = 0; i < elements.length; i++) elements[i] = element(Math.floor(i / w), i % w);
  });
};

function gaussianKernel(heap: Heap, sigma: number, size?: Pair): Tensor {
  const where = 'gaussianKernel';
  if (argument.finite(sigma, `${where}: sigma`) <= 0) {
    throw unexpected(`${where}: sigma`, sigma, 'a number above 0');
  }
  const [h, w] = pair(size, `${where}: size`, 1, 2 * Math.floor(4 * sigma + 0.5) + 1);
  // Relative to the elements nearest to the centre, so that a small sigma does not make all of them 0.
  const exponent = (i: number, count: number) => {
    const x = i - (count - 1) / 2;
    const nearest = ((count - 1) % 2) / 2;
    return (nearest * nearest - x * x) / 2 / sigma / sigma;
  };
  const sum = (count: number) => {
    let total = 0;
    for (let i = 0; i < count; i++) total += Math.exp(exponent(i, count));
    return total;
  };
  let total: number | undefined;
  return create(heap, where, h, w, (y, x) => {
    total ??= sum(h) * sum(w); // not before the memory is there, which limits the sizes
    return Math.exp(exponent(y, h) + exponent(x, w)) / total;
  });
}

function boxKernel(heap: Heap, size: Pair): Tensor {
  const where = 'boxKernel';
  const { h, w } = requiredSize(size, `${where}: size`);
  return create(heap, where, h, w, () => 1 / (h * w));
}

function sobelKernels(heap: Heap): SobelKernels {
  const where = 'sobelKernels';
  const derivative = (y: number, x: number) => (2 - Math.abs(y - 1)) * (x - 1);
  const x = create(heap, where, 3, 3, derivative);
  try {
    return { x, y: create(heap, where, 3, 3, (row, column) => derivative(column, row)) };
  } catch (error) {
    x.dispose();
    throw error;
  }
}

/** @internal The implementations of `KernelMethods`. */
export const kernelMethods: Implementation<KernelMethods> = {
  gaussianKernel,
  boxKernel,
  sobelKernels,
  laplacianKernel: (heap) =>
    create(heap, 'laplacianKernel', 3, 3, (y, x) => (y === 1 && x === 1 ? -4 : (y + x) % 2)),
};

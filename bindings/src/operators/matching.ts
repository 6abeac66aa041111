import { withoutLeadingOnes } from '../problem/layout.js';
import { fieldsOf, solve } from '../problem/problem.js';
import type { Observed } from '../problem/slices.js';
import { kinds, matchMethods } from '../runtime/abi.js';
import * as argument from '../runtime/arguments.js';
import { mismatch, unexpected, unexpectedShape } from '../runtime/errors.js';
import type { Heap } from '../runtime/heap.js';
import type { Implementation } from '../runtime/methods.js';
import { checkedSize, type Elements } from '../tensor/nested.js';
import { type Operand, operand } from '../tensor/operands.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import { type ImageSource, isDrawable, type Pixels, planesOf, readImage } from './image-source.js';
import { Plan, runObserved } from './plan.js';
import { type Planned, solvePlanned } from './planned.js';

/** Methods that find a pattern in an image. */
export interface MatchingMethods {
  /**
   * Compares a template with every window of an image, like OpenCV's matchTemplate. Scores are computed as in
   * OpenCV, except that windows and templates without variance (`'ccoeff-normed'`) or energy (`'ccorr-normed'`) have
   * the score 0, or 1 for `'sqdiff-normed'`. Windows that contain NaN or infinities have the score NaN.
   *
   * @example
   * ```js
   * const image = [[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 9, 0]];
   * const scores = c.matchTemplate(image, [[1, 2], [3, 9]], { method: 'sqdiff' });
   * console.log(scores.data.join()); // 78,58,87,47,0,122
   * ```
   *
   * @param image h×w or C×h×w, or an image, whose red, green and blue (from 0 to 255) are compared
   * @param template th×tw or C×th×tw, or an image. If an image is not opaque, alpha / 255 is its mask.
   * @param options `method` and `mask`
   * @returns the scores, summed over the channels: (h−th+1)×(w−tw+1). The score at [y, x] is that of the window
   * whose upper left corner is at row y and column x.
   * @throws `SHAPE_MISMATCH` if the template is larger than the image, the numbers of channels differ, or the mask
   * has another shape than the template
   * @throws `INVALID_ARGUMENT` if the mask is 0 everywhere or not finite, or if its sum is 0 and the method
   * subtracts means
   */
  matchTemplate(
    image: TensorLike | ImageSource,
    template: TensorLike | ImageSource,
    options?: MatchTemplateOptions,
  ): Tensor;

  /**
   * Prepares a `matchTemplate` for many images of one shape, such as the frames of a video. Template and mask are
   * copied.
   *
   * @example
   * ```js
   * const plan = c.planMatchTemplate({ template: [[1, 2], [3, 9]], imageShape: [2, 3], method: 'sqdiff' });
   * console.log(plan.run([[1, 2, 0], [3, 9, 0]]).data.join()); // 0,122
   * plan.dispose();
   * ```
   *
   * @param options the template, the shape of the images, and the options of `matchTemplate`
   * @returns a plan, whose `run` takes an image and returns the scores. It holds memory until its `dispose()`.
   * @throws `SHAPE_MISMATCH` and `INVALID_ARGUMENT` as `matchTemplate` does
   */
  planMatchTemplate(options: MatchTemplatePlanOptions): Plan<TensorLike | ImageSource>;

  /**
   * Finds the places where a template matches an image best: those whose scores by `matchTemplate` reach a
   * threshold, best first. Of places that are closer to each other than `minDistance`, only the best counts.
   *
   * @example
   * ```js
   * const image = [[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 9, 0]];
   * const [place] = c.findTemplate(image, [[1, 2], [3, 9]]);
   * console.log(place.x, place.y, place.score.toFixed(3)); // 1 1 1.000
   * ```
   *
   * @param image h×w or C×h×w, or an image
   * @param template th×tw or C×th×tw, or an image
   * @param options those of `matchTemplate`, and the threshold, number, distance and precision of the places
   * @returns the column `x` and the row `y` of the upper left corner of each place, and its score; none if no
   * score reaches the threshold
   * @throws `SHAPE_MISMATCH` and `INVALID_ARGUMENT` as `matchTemplate` does
   */
  findTemplate(
    image: TensorLike | ImageSource,
    template: TensorLike | ImageSource,
    options?: FindTemplateOptions,
  ): TemplateMatch[];
}

/** The options of `matchTemplate`. */
export interface MatchTemplateOptions {
  /**
   * How template T and window I are compared. With a mask, both are multiplied by it.
   *
   * - `'sqdiff'`: Σ(T − I)²
   * - `'ccorr'`: ΣT·I
   * - `'ccoeff'`: ΣT'·I', where T' and I' are T and I minus their means in each channel
   * - `'sqdiff-normed'`: Σ(T − I)² / √(ΣT²·ΣI²), without a mask at most 1
   * - `'ccorr-normed'`: ΣT·I / √(ΣT²·ΣI²)
   * - `'ccoeff-normed'`, the default: ΣT'·I' / √(ΣT'²·ΣI'²), from −1 to 1. It does not depend on the brightness
   *   and the contrast of the image.
   */
  method?: keyof typeof matchMethods | undefined;
  /**
   * The weight of each element of the template: th×tw, or the template's shape. Elements of weight 0 do not count.
   * OpenCV reads masks of 8 bits as 0 and 1; here they are numbers like others.
   */
  mask?: TensorLike | undefined;
}

/** The options of `planMatchTemplate`. */
export interface MatchTemplatePlanOptions extends MatchTemplateOptions {
  /** The template: th×tw or C×th×tw, or an image. It is copied. */
  template: TensorLike | ImageSource;
  /** The shape of the images: h×w or C×h×w. If the template is an image, h×w stands for images of that size. */
  imageShape: readonly number[];
}

/** The options of `findTemplate`. */
export interface FindTemplateOptions extends MatchTemplateOptions {
  /** The lowest score that counts; for the methods `'sqdiff'` and `'sqdiff-normed'` the highest. Default 0.8. */
  threshold?: number | undefined;
  /** The largest number of places. Default 1. */
  maxResults?: number | undefined;
  /**
   * The least distance between two places in pixels, the larger of those in x and in y. Default: half the shorter
   * side of the template.
   */
  minDistance?: number | undefined;
  /**
   * Whether `x` and `y` are refined to fractions of a pixel, along each axis by the parabola through the best
   * score and its neighbours. Default false.
   */
  subpixel?: boolean | undefined;
}

/** A place where a template matches. */
export interface TemplateMatch {
  /** The column of the upper left corner. */
  x: number;
  /** The row of the upper left corner. */
  y: number;
  /** The score at the nearest whole pixel, also with `subpixel`. */
  score: number;
}

const matchOptions = ['method', 'mask'] as const;
const peakOptions = ['threshold', 'maxResults', 'minDistance', 'subpixel'] as const;
const METHODS = Object.keys(matchMethods) as (keyof typeof matchMethods)[];

/** Reads a tensor, or the red, green and blue planes of an image. */
function picture(heap: Heap, value: unknown, where: string): Operand {
  const pixels = pixelsOf(value, where);
  return pixels ? planesOf(heap, where, pixels, 3, 1) : operand(heap, value, where);
}

/** The pixels of an image; undefined for any other value. */
function pixelsOf(value: unknown, where: string): Pixels | undefined {
  const isImage =
    isDrawable(value) ||
    (typeof value === 'object' && value !== null && !Tensor.is(value) && 'width' in value);
  return isImage ? readImage(value, where, undefined) : undefined;
}

/** Alpha / 255, as a mask. */
function alphaOf(heap: Heap, where: string, pixels: Pixels): Elements {
  const { width, height } = pixels;
  const bytes = 4 * width * height;
  return {
    shape: [height, width],
    data: [],
    write: (address) =>
      heap.withBlock(4 * bytes, where, (planes) => {
        planesOf(heap, where, pixels, 4, 1 / 255).write?.(planes);
        heap.bytesAt(address, bytes).set(heap.bytesAt(planes + 3 * bytes, bytes));
      }),
  };
}

/** The channels, the height and the width of an image or a template. */
function sizesOf(shape: readonly number[], where: string): [number, number, number] {
  const sizes = shape.length === 2 ? [1, ...shape] : withoutLeadingOnes(shape, 3);
  if (sizes === undefined) throw unexpectedShape(where, shape, 'h×w or C×h×w');
  checkedSize(sizes, where);
  return sizes as [number, number, number];
}

/** A template, and the mask that it brings along if it is an image. */
interface Template {
  readonly elements: Operand;
  readonly alpha: Elements | undefined;
}

function templateOf(heap: Heap, where: string, value: unknown): Template {
  const place = `${where}: template`;
  const pixels = pixelsOf(value, place);
  return pixels
    ? { elements: planesOf(heap, where, pixels, 3, 1), alpha: alphaOf(heap, where, pixels) }
    : { elements: operand(heap, value, place), alpha: undefined };
}

/** Reads the options of `matchTemplate` for images of this shape, which messages call `name`. */
function plannedMatch(
  heap: Heap,
  where: string,
  name: string,
  imageShape: readonly number[],
  template: Template,
  given: Partial<Record<(typeof matchOptions)[number], unknown>>,
): Planned {
  const place = `${where}: template`;
  const { elements } = template;
  const [channels, height, width] = sizesOf(imageShape, `${where}: ${name}`);
  const [depth, rows, columns] = sizesOf(elements.shape, place);
  if (depth !== channels) {
    throw mismatch(`${place} has ${depth} channels; expected ${channels}, like ${name}`);
  }
  const { method: chosen = 'ccoeff-normed' } = given;
  const method = argument.choice(chosen, `${where}: method`, METHODS);
  const mask =
    given.mask === undefined ? template.alpha : operand(heap, given.mask, `${where}: mask`);
  const [maskDepth, ...maskSize] = mask
    ? sizesOf(mask.shape, `${where}: mask`)
    : [0, rows, columns];
  if (maskSize[0] !== rows || maskSize[1] !== columns || (maskDepth > 1 && maskDepth !== depth)) {
    const all = depth > 1 ? ` or ${depth}×${rows}×${columns}` : '';
    throw unexpectedShape(
      `${where}: mask`,
      mask?.shape as readonly number[],
      `${rows}×${columns}${all}, like template`,
    );
  }
  return {
    kind: 'matchTemplate',
    problem: {
      where,
      given: [
        { name, shape: imageShape },
        { name: 'template', shape: elements.shape },
      ],
      fields: fieldsOf({
        kind: kinds.matchTemplate,
        input_channels: channels,
        input_height: height,
        input_width: width,
        kernel_height: rows,
        kernel_width: columns,
        match_method: matchMethods[method],
        mask_channels: maskDepth,
      }),
    },
    inputShape: imageShape,
    outputShape: (outputHeight, outputWidth) => [outputHeight, outputWidth],
    weight: elements,
    bias: mask,
    input: 'image',
    read: picture,
  };
}

function matchTemplate(
  heap: Heap,
  image: TensorLike | ImageSource,
  template: TensorLike | ImageSource,
  options?: MatchTemplateOptions,
): Tensor {
  const where = 'matchTemplate';
  const input = picture(heap, image, `${where}: image`);
  const given = argument.options(options, where, matchOptions);
  const read = templateOf(heap, where, template);
  return solvePlanned(heap, plannedMatch(heap, where, 'image', input.shape, read, given), input);
}

function planMatchTemplate(
  heap: Heap,
  options: MatchTemplatePlanOptions,
): Plan<TensorLike | ImageSource> {
  const where = 'planMatchTemplate';
  heap.assertUsable(`${where}:`);
  const { template, imageShape, ...given } = argument.options(options, where, [
    'template',
    'imageShape',
    ...matchOptions,
  ]);
  const shape = argument.shape(imageShape, `${where}: imageShape`);
  const read = templateOf(heap, where, template);
  if (shape.length === 2 && read.alpha) shape.unshift(3);
  return new Plan(heap, plannedMatch(heap, where, 'imageShape', shape, read, given));
}

/** The search in the scores of a template match, which it frees. */
type Search = (scores: Tensor) => TemplateMatch[];

/** Reads the arguments of `findTemplate`: the match, and the search in its scores. */
function readFind(
  heap: Heap,
  image: TensorLike | ImageSource,
  template: TensorLike | ImageSource,
  options?: FindTemplateOptions,
): { input: Operand; planned: Planned; search: Search } {
  const where = 'findTemplate';
  const input = picture(heap, image, `${where}: image`);
  const given = argument.options(options, where, [...matchOptions, ...peakOptions]);
  const read = templateOf(heap, where, template);
  const planned = plannedMatch(heap, where, 'image', input.shape, read, given);
  const { kernel_height, kernel_width, match_method } = planned.problem.fields;
  const { threshold = 0.8, maxResults = 1 } = given;
  const { minDistance = Math.min(kernel_height, kernel_width) / 2 } = given;
  const distance = argument.finite(minDistance, `${where}: minDistance`);
  if (distance < 0) throw unexpected(`${where}: minDistance`, distance, 'a number of at least 0');
  const findsMinima =
    match_method === matchMethods.sqdiff || match_method === matchMethods['sqdiff-normed'];
  const most = argument.integer(maxResults, `${where}: maxResults`, 1, Number.MAX_SAFE_INTEGER);
  const fields = {
    kind: kinds.findPeaks,
    peak_threshold: argument.finite(threshold, `${where}: threshold`),
    peak_distance: distance,
    finds_minima: Number(findsMinima),
    subpixel: Number(argument.flag(given.subpixel, `${where}: subpixel`)),
  };
  const search: Search = (scores) => {
    const [height, width] = scores.shape as [number, number];
    const problem = {
      where,
      given: [{ name: 'scores', shape: scores.shape }],
      fields: fieldsOf(fields, {
        input_height: height,
        input_width: width,
        max_peaks: Math.min(most, scores.size),
      }),
    };
    let peaks: Tensor | undefined;
    try {
      peaks = solve(heap, problem, { input: scores }, (rows, numbers) => [rows, numbers]);
      const { data } = peaks;
      const found: TemplateMatch[] = [];
      // Rows that are left over, maybe millions, hold NaN.
      for (let i = 0; i < data.length && !Number.isNaN(data[i]); i += 3) {
        const [x, y, score] = data.subarray(i, i + 3) as unknown as [number, number, number];
        found.push({ x, y, score });
      }
      return found;
    } finally {
      peaks?.dispose();
      scores.dispose();
    }
  };
  return { input, planned, search };
}

function findTemplate(
  heap: Heap,
  image: TensorLike | ImageSource,
  template: TensorLike | ImageSource,
  options?: FindTemplateOptions,
): TemplateMatch[] {
  const { input, planned, search } = readFind(heap, image, template, options);
  return search(solvePlanned(heap, planned, input));
}

/** @internal Computes `findTemplate` a few tasks at a time. */
export async function observedFindTemplate(
  heap: Heap,
  observed: Observed,
  image: TensorLike | ImageSource,
  template: TensorLike | ImageSource,
  options?: FindTemplateOptions,
): Promise<TemplateMatch[]> {
  const { input, planned, search } = readFind(heap, image, template, options);
  return search(await runObserved(heap, planned, input, observed));
}

/** @internal The implementations of `MatchingMethods`. */
export const matchingMethods: Implementation<MatchingMethods> = {
  matchTemplate,
  planMatchTemplate,
  findTemplate,
};

/* The photograph of the figures, and how pictures are drawn. */
import type { Corr2d, Tensor } from 'corr2d';
import { el, find } from '../shared/dom';

/** Size at which the figures compute: small enough that the pixels of a 3×3 window matter. */
const WIDTH = 144;
const HEIGHT = 96;

/** The colours in which the values 0 to 1 of red, green and blue are drawn. */
const TINTS = [
  [255, 70, 58],
  [74, 205, 84],
  [84, 134, 255],
] as const;

/** The photograph as a tensor of shape 3×96×144 with values from 0 to 1. */
export async function readPhotograph(c: Corr2d): Promise<Tensor> {
  const image = new Image();
  image.src = find<HTMLImageElement>('#photo-start img').src;
  try {
    await image.decode();
  } catch {
    throw new Error('The photograph could not be read.');
  }
  const context = el('canvas', { width: String(WIDTH), height: String(HEIGHT) }).getContext('2d', {
    willReadFrequently: true,
  });
  if (!context) throw new Error('This browser could not create a canvas.');
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, WIDTH, HEIGHT);
  return c.fromImageData(context.getImageData(0, 0, WIDTH, HEIGHT));
}

/** A canvas of the photograph's size. */
export const createPicture = (attributes: Record<string, string>): HTMLCanvasElement =>
  el('canvas', { width: String(WIDTH), height: String(HEIGHT), ...attributes });

export const draw = (canvas: HTMLCanvasElement, pixels: ImageData): void =>
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);

/**
 * Draws channel `index` of a C×h×w tensor in grey. With a `limit`, zero is mid-grey and ±limit are white
 * and black; without, 0 is black and 1 is white.
 */
export function drawGrey(
  c: Corr2d,
  canvas: HTMLCanvasElement,
  tensor: Tensor,
  index: number,
  limit: number,
): void {
  const channel = tensor.at(index);
  draw(canvas, c.toImageData(channel, limit ? { min: -limit, max: limit } : {}));
  channel.dispose();
}

/** Draws channel `index` of a 3×h×w tensor in its own colour. */
export function drawTinted(
  c: Corr2d,
  canvas: HTMLCanvasElement,
  tensor: Tensor,
  index: number,
): void {
  const channel = tensor.at(index);
  const pixels = c.toImageData(channel);
  channel.dispose();
  const tint = TINTS[index] ?? TINTS[0];
  for (let at = 0; at < pixels.data.length; at++) {
    const part = tint[at % 4];
    if (part !== undefined) pixels.data[at] = ((pixels.data[at] ?? 0) * part) / 255;
  }
  draw(canvas, pixels);
}

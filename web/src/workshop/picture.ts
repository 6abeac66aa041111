/* Loads pictures from URLs and files. */
import { messageOf } from '../shared/dom';

/** Larger pictures are scaled down to this longest side, in pixels. */
const MAX_SIDE = 640;

/** An error whose message is shown to the visitor. */
export class PictureError extends Error {}

export interface Picture {
  pixels: ImageData;
  name: string;
}

/** The pixels of `source` on white, scaled down so that no side is longer than MAX_SIDE. */
function pixelsOf(source: CanvasImageSource, width: number, height: number): ImageData {
  const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new PictureError('This browser could not create a canvas.');
  context.imageSmoothingQuality = 'high';
  context.fillStyle = '#fff'; // background of transparent pixels
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

async function pictureFromBlob(blob: Blob, name: string): Promise<Picture> {
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image();
    image.src = url;
    try {
      await image.decode();
    } catch {
      throw new PictureError(`“${name}” is not a picture that this browser can read.`);
    }
    const { naturalWidth: width, naturalHeight: height } = image;
    if (width === 0 || height === 0) throw new PictureError(`“${name}” has no intrinsic size.`);
    return { pixels: pixelsOf(image, width, height), name };
  } finally {
    URL.revokeObjectURL(url);
  }
}

export async function pictureFromUrl(url: string, name: string): Promise<Picture> {
  let blob: Blob;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server responded with status ${response.status}`);
    blob = await response.blob();
  } catch (error) {
    throw new PictureError(`“${name}” could not be fetched: ${messageOf(error)}.`);
  }
  return pictureFromBlob(blob, name);
}

export const pictureFromFile = (file: File): Promise<Picture> =>
  pictureFromBlob(file, file.name || 'the pasted picture');

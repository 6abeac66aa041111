// Chrome ends a service worker that is idle, and starts it again for the next message.

// A service worker cannot import on demand, so this entry contains its binary.
import { load } from 'corr2d/simd';

const laplacian = [
  [-1, -1, -1],
  [-1, 8, -1],
  [-1, -1, -1],
];
const loading = load();

/** @param {string} url @returns {Promise<string>} a data URL with the edges of the picture */
async function findEdges(url) {
  const c = await loading;
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.drawImage(bitmap, 0, 0);
  const image = context.getImageData(0, 0, width, height);
  c.filter2d(image, laplacian, { out: image });
  context.putImageData(image, 0, 0);
  const blob = await canvas.convertToBlob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(/** @type {string} */ (reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

chrome.runtime.onMessage.addListener(({ url }, _sender, respond) => {
  findEdges(url).then(
    (dataUrl) => respond({ dataUrl }),
    (error) => respond({ error: String(error) }),
  );
  return true; // The response follows later.
});

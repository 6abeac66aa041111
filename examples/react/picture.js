/** Draws a white square on black, 200×100 pixels. An app would read a file or a camera. */
export function drawPicture() {
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(200, 100).getContext('2d')
  );
  context.fillRect(0, 0, 200, 100);
  context.fillStyle = 'white';
  context.fillRect(75, 25, 50, 50);
  return context.getImageData(0, 0, 200, 100);
}

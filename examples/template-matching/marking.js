// Marking a box in the picture, by dragging or with the keyboard.

const LEAST = 8; // pixels
const STEP = 8;

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 */

/**
 * Lets the visitor mark boxes on an element that shows a picture of this size. Boxes are in the picture's pixels.
 *
 * @param {HTMLElement} stage
 * @param {{ width: number, height: number }} picture
 * @param {{
 *   start: () => void,
 *   change: (box: Box, isByKeys: boolean) => void,
 *   mark: (box: Box) => void,
 *   cancel: () => void,
 * }} listener
 */
export function listenForMarks(stage, picture, listener) {
  /** @type {Box | undefined} */
  let box;
  /** @type {{ x: number, y: number } | undefined} */
  let corner;

  const limit = (/** @type {number} */ value, /** @type {number} */ most) =>
    Math.round(Math.min(Math.max(value, 0), most));

  const positionOf = (/** @type {PointerEvent} */ event) => {
    const { left, top, width, height } = stage.getBoundingClientRect();
    return {
      x: limit(((event.clientX - left) / width) * picture.width, picture.width),
      y: limit(((event.clientY - top) / height) * picture.height, picture.height),
    };
  };

  /** @param {Box} next */
  function change(next, isByKeys = false) {
    box = next;
    listener.change(box, isByKeys);
  }

  function finish() {
    const marked = box;
    box = corner = undefined;
    if (marked && marked.width >= LEAST && marked.height >= LEAST) listener.mark(marked);
    else listener.cancel();
  }

  function cancel() {
    box = corner = undefined;
    listener.cancel();
  }

  stage.addEventListener('pointerdown', (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    if (box === undefined) listener.start();
    corner = positionOf(event);
    change({ ...corner, width: 0, height: 0 });
  });
  stage.addEventListener('pointermove', (event) => {
    if (corner === undefined || !event.isPrimary) return;
    const { x, y } = positionOf(event);
    change({
      x: Math.min(x, corner.x),
      y: Math.min(y, corner.y),
      width: Math.abs(x - corner.x),
      height: Math.abs(y - corner.y),
    });
  });
  stage.addEventListener('pointerup', () => corner && finish());
  stage.addEventListener('pointercancel', () => corner && cancel());

  /** @type {Record<string, readonly [x: number, y: number]>} */
  const directions = {
    ArrowLeft: [-STEP, 0],
    ArrowRight: [STEP, 0],
    ArrowUp: [0, -STEP],
    ArrowDown: [0, STEP],
  };
  stage.addEventListener('keydown', (event) => {
    const direction = directions[event.key];
    if (event.key === 'Enter' && box === undefined) {
      listener.start();
      change(
        { x: picture.width / 2 - 32, y: picture.height / 2 - 32, width: 64, height: 64 },
        true,
      );
    } else if (event.key === 'Enter') {
      finish();
    } else if (event.key === 'Escape' && box !== undefined) {
      cancel();
    } else if (direction !== undefined && box !== undefined) {
      const { x, y, width, height } = box;
      const [dx, dy] = direction;
      if (event.shiftKey) {
        const size = {
          width: Math.max(limit(width + dx, picture.width - x), LEAST),
          height: Math.max(limit(height + dy, picture.height - y), LEAST),
        };
        change({ x, y, ...size }, true);
      } else {
        const place = {
          x: limit(x + dx, picture.width - width),
          y: limit(y + dy, picture.height - height),
        };
        change({ ...place, width, height }, true);
      }
    } else {
      return;
    }
    event.preventDefault();
  });
  stage.addEventListener('blur', () => {
    if (box !== undefined && corner === undefined) cancel();
  });
}

import { drawClip, HEIGHT, WIDTH } from './clip.js';
import { listenForMarks } from './marking.js';
import { createTracker } from './tracker.js';

/** Scores below this one are probably something else. */
const LEAST_SCORE = 0.6;

/**
 * @template {Element} Type
 * @param {string} selector
 * @param {new () => Type} type
 */
function get(selector, type) {
  const element = document.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`no ${selector}`);
  return element;
}

const picture = get('#picture', HTMLCanvasElement);
const patch = get('#patch', HTMLCanvasElement);
const marking = get('#marking', HTMLElement);
const found = get('#found', HTMLElement);
const pause = get('#pause', HTMLButtonElement);
const forget = get('#forget', HTMLButtonElement);

/** @param {HTMLCanvasElement | OffscreenCanvas} canvas */
function contextOf(canvas) {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  return /** @type {CanvasRenderingContext2D} */ (context);
}

const pictureContext = contextOf(picture);
/** The frame that is being searched. The picture shows it when the result is known. */
const frameContext = contextOf(new OffscreenCanvas(WIDTH, HEIGHT));

/**
 * Changes a text only if it differs, so that screen readers do not repeat it.
 *
 * @param {string} selector
 * @param {string} text
 */
function write(selector, text) {
  const element = get(selector, HTMLElement);
  if (element.textContent !== text) element.textContent = text;
}

/** @param {string} text */
const say = (text) => write('#status', text);

/**
 * Shows or hides an outline on the picture.
 *
 * @param {HTMLElement} element
 * @param {import('./marking.js').Box} [box]
 */
function outline(element, box) {
  element.hidden = box === undefined;
  if (box === undefined) return;
  element.style.left = `${(100 * box.x) / WIDTH}%`;
  element.style.top = `${(100 * box.y) / HEIGHT}%`;
  element.style.width = `${(100 * box.width) / WIDTH}%`;
  element.style.height = `${(100 * box.height) / HEIGHT}%`;
}

const tracker = await createTracker();
let isMarking = false;
/** Counts the marks, so that late results of an earlier one are dropped. */
let generation = 0;
/** @type {HTMLVideoElement | undefined} */
let video;
let seconds = 0; // of the clip

/** @param {import('./marking.js').Box} [box] */
function setMark(box) {
  generation++;
  forget.disabled = box === undefined;
  outline(found);
  for (const name of ['#score', '#place', '#time']) write(name, '–');
  patch.width = box?.width ?? 1; // which clears it
  patch.height = box?.height ?? 1;
  const image = box && pictureContext.getImageData(box.x, box.y, box.width, box.height);
  if (image) contextOf(patch).putImageData(image, 0, 0);
  tracker.setPatch(image);
  say(box ? 'Marked.' : 'Nothing is marked.');
}

listenForMarks(get('#stage', HTMLElement), picture, {
  start() {
    isMarking = true;
    outline(found);
  },
  change(box, isByKeys) {
    outline(marking, box);
    if (isByKeys) say(`Box at ${box.x}, ${box.y}: ${box.width} × ${box.height} pixels.`);
  },
  mark(box) {
    isMarking = false;
    outline(marking);
    setMark(box);
  },
  cancel() {
    isMarking = false;
    outline(marking);
    say(forget.disabled ? 'Nothing is marked.' : 'Marked.');
  },
});

/**
 * Shows a frame, and where the patch is in it.
 *
 * @param {ImageData} frame
 * @param {number} time
 * @param {import('./tracker.js').Found} [result]
 */
function show(frame, time, result) {
  pictureContext.putImageData(frame, 0, 0);
  picture.dataset.time = String(time);
  if (result === undefined) return;
  const { x, y, score, milliseconds } = result;
  const isFound = score >= LEAST_SCORE;
  outline(found, isFound ? { x, y, width: patch.width, height: patch.height } : undefined);
  write('#score', score.toFixed(3));
  write('#place', isFound ? `${x}, ${y}` : '–');
  write('#time', `${milliseconds.toFixed(0)} ms`);
  say(isFound ? 'Found.' : 'Not in sight.');
}

let lastTime = -1; // of the camera

/** Draws the next frame. Returns false if there is no new one. */
function drawFrame() {
  if (video === undefined) {
    drawClip(frameContext, seconds);
    return true;
  }
  const { videoWidth, videoHeight, currentTime } = video;
  if (videoWidth === 0 || currentTime === lastTime) return false;
  lastTime = currentTime;
  // The middle of the camera's picture, in the shape of the canvas.
  const scale = Math.max(WIDTH / videoWidth, HEIGHT / videoHeight);
  const [width, height] = [scale * videoWidth, scale * videoHeight];
  frameContext.drawImage(video, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
  return true;
}

async function nextFrame() {
  if (isMarking || !drawFrame()) return;
  const frame = frameContext.getImageData(0, 0, WIDTH, HEIGHT);
  if (forget.disabled) {
    show(frame, seconds);
    return;
  }
  const [time, mark] = [seconds, generation];
  const result = await tracker.find(frame);
  if (result && mark === generation && !isMarking) show(frame, time, result);
}

const isPaused = () => pause.getAttribute('aria-pressed') === 'true';
let lastTick = performance.now();

/** @param {number} now */
function tick(now) {
  const elapsed = Math.min(now - lastTick, 100) / 1000; // the clip stops while the page is hidden
  lastTick = now;
  if (!isPaused()) {
    if (!isMarking) seconds += elapsed;
    nextFrame().catch((error) => say(error.message));
  }
  requestAnimationFrame(tick);
}
requestAnimationFrame(tick);

pause.addEventListener('click', () => {
  pause.setAttribute('aria-pressed', String(!isPaused()));
});
forget.addEventListener('click', () => setMark());

async function useCamera() {
  const size = { width: { ideal: 640 }, height: { ideal: 480 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: size });
  const element = document.createElement('video');
  element.muted = true;
  element.playsInline = true;
  element.srcObject = stream;
  await element.play();
  return element;
}

function closeCamera() {
  const stream = video?.srcObject;
  if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
  video = undefined;
}

for (const radio of document.querySelectorAll('input[name=source]')) {
  radio.addEventListener('change', async () => {
    const wanted = /** @type {HTMLInputElement} */ (radio).value;
    setMark();
    closeCamera();
    if (wanted === 'clip') return;
    try {
      video = await useCamera();
      if (!(/** @type {HTMLInputElement} */ (radio).checked)) closeCamera();
    } catch (error) {
      get('input[value=clip]', HTMLInputElement).checked = true;
      say(`No camera: ${error instanceof Error ? error.message : error}`);
    }
  });
}

import { median } from '../shared/format';
import { PictureError } from './picture';

const WIDTH = 640;
const HEIGHT = 480;
/** Number of recent frames used for the times. */
const TIMED_FRAMES = 60;

export interface FrameTimes {
  /** Median time from capturing a frame to drawing the results, in milliseconds. */
  workMs: number;
  perSecond: number;
  frames: number;
}

/** Switches off the camera of a stream. */
function end(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The visitor's camera: passes each frame to `onFrame` and measures how long that takes. */
export class Camera {
  readonly #video = document.createElement('video');
  readonly #context: CanvasRenderingContext2D;
  readonly #onFrame: (pixels: ImageData) => void;
  readonly #onTimes: (times: FrameTimes) => void;
  readonly #workTimes: number[] = [];
  readonly #shownAt: number[] = [];
  #stream: MediaStream | null = null;
  #isFrozen = false;
  /** Number of frames requested so far; only the latest request is answered. */
  #requests = 0;
  /** Number of starts and stops so far. A start that has been overtaken by another one gives its stream back. */
  #changes = 0;

  constructor(onFrame: (pixels: ImageData) => void, onTimes: (times: FrameTimes) => void) {
    this.#onFrame = onFrame;
    this.#onTimes = onTimes;
    this.#video.muted = true;
    this.#video.playsInline = true;
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new PictureError('This browser could not create a canvas.');
    this.#context = context;
  }

  get isOn(): boolean {
    return this.#stream !== null;
  }

  /** Whether frames follow: the camera is on and not frozen. */
  get isLive(): boolean {
    return this.isOn && !this.#isFrozen;
  }

  /** Returns whether the camera is on: another call of `start` or `stop` in the meantime cancels this one. */
  async start(): Promise<boolean> {
    if (!navigator.mediaDevices) {
      throw new PictureError('The camera works only on pages served over HTTPS or from localhost.');
    }
    const change = ++this.#changes;
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { width: WIDTH, height: HEIGHT, frameRate: { ideal: 60 } },
      });
    } catch (error) {
      if (change !== this.#changes) return false;
      const name = error instanceof Error ? error.name : '';
      throw new PictureError(
        name === 'NotAllowedError'
          ? 'Access to the camera was denied.'
          : 'No usable camera was found.',
      );
    }
    if (change !== this.#changes) {
      end(stream);
      return false;
    }
    this.#stream = stream;
    this.#video.srcObject = stream;
    try {
      await this.#video.play();
    } catch (error) {
      if (change !== this.#changes) return false; // stopped, which interrupts play()
      throw error;
    }
    if (change !== this.#changes) return false;
    this.#requestFrame();
    return true;
  }

  /** Stops the frames and keeps the camera. */
  freeze(): void {
    this.#isFrozen = true;
  }

  resume(): void {
    this.#isFrozen = false;
    this.#forgetTimes();
    this.#requestFrame();
  }

  stop(): void {
    this.#changes += 1;
    if (this.#stream) end(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
    this.#isFrozen = false;
    this.#forgetTimes();
  }

  #forgetTimes(): void {
    this.#workTimes.length = 0;
    this.#shownAt.length = 0;
  }

  #requestFrame(): void {
    const request = ++this.#requests;
    const handle = () => this.#handleFrame(request);
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(handle);
    else requestAnimationFrame(handle);
  }

  #handleFrame(request: number): void {
    if (!this.isLive || request !== this.#requests) return;
    const start = performance.now();
    this.#context.drawImage(this.#video, 0, 0, WIDTH, HEIGHT);
    this.#onFrame(this.#context.getImageData(0, 0, WIDTH, HEIGHT));
    if (!this.isLive) return; // processing failed and stopped the camera
    const end = performance.now();
    this.#workTimes.push(end - start);
    this.#shownAt.push(end);
    if (this.#workTimes.length > TIMED_FRAMES) this.#workTimes.shift();
    if (this.#shownAt.length > TIMED_FRAMES) this.#shownAt.shift();
    const span = end - (this.#shownAt[0] ?? end);
    this.#onTimes({
      workMs: median(this.#workTimes),
      perSecond: span > 0 ? (1000 * (this.#shownAt.length - 1)) / span : 0,
      frames: this.#workTimes.length,
    });
    this.#requestFrame();
  }
}

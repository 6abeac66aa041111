import { button, el, find, messageOf } from '../shared/dom';
import { formatDuration } from '../shared/format';
import { Camera } from './camera';
import { type Picture, PictureError, pictureFromFile, pictureFromUrl } from './picture';
import { PictureTile } from './picture-tile';

const PHOTOGRAPH = {
  url: `${import.meta.env.BASE_URL}photos/dandelion.jpg`,
  name: 'dandelion.jpg',
};

/**
 * The picture that the tools share: the page's photograph, a file that is chosen, dropped or pasted, or
 * the camera. Passes every new picture to `onPicture`.
 */
export class Source {
  readonly element: HTMLElement;
  readonly #onPicture: (pixels: ImageData) => void;
  readonly #tile = new PictureTile('The picture', { kind: 'source-picture' });
  readonly #caption = el('p', { class: 'muted' });
  readonly #times = el('p', { class: 'workshop-times', id: 'workshop-times' });
  readonly #error = el('p', { class: 'notice', role: 'alert', hidden: '' });
  readonly #camera: Camera;
  readonly #cameraButton = button('Use the camera', () => void this.#toggleCamera());
  readonly #freezeButton = button('Freeze', () => this.#toggleFreeze());
  readonly #photographButton = button('Use the photograph', () => {
    this.#cameraButton.focus(); // the button hides
    void this.openPhotograph();
  });
  #pixels: ImageData | null = null;
  #overlay: Element | null = null;
  /** Number of pictures requested so far; a slow older request must not replace a newer picture. */
  #requests = 0;

  /** `root` accepts dropped files. */
  constructor(root: HTMLElement, onPicture: (pixels: ImageData) => void) {
    this.#onPicture = onPicture;
    this.#camera = new Camera(
      (pixels) => this.#show(pixels),
      ({ workMs, perSecond, frames }) => {
        this.#times.textContent = `${formatDuration(workMs)} from capture to drawn (median of ${frames} frames), ${perSecond.toFixed(0)} frames a second`;
        this.#times.dataset.median = String(workMs);
        this.#times.dataset.frames = String(frames);
      },
    );
    const file = el('input', {
      type: 'file',
      accept: 'image/*',
      class: 'visually-hidden',
      id: 'workshop-file',
    });
    file.addEventListener('change', () => {
      this.#openFile(file.files?.[0]);
      file.value = ''; // so that the same file can be picked again
    });
    this.#freezeButton.hidden = true;
    this.#photographButton.hidden = true;
    this.element = el(
      'div',
      { class: 'workshop-source' },
      this.#tile.element,
      el(
        'div',
        { class: 'source-controls' },
        el(
          'div',
          { class: 'actions' },
          file,
          el('label', { class: 'button', for: 'workshop-file' }, 'Choose a picture'),
          this.#cameraButton,
          this.#freezeButton,
          this.#photographButton,
        ),
        this.#error,
        this.#caption,
        this.#times,
      ),
    );
    this.#acceptFiles(root);
  }

  /** The picture; null until the first one is loaded. */
  get pixels(): ImageData | null {
    return this.#pixels;
  }

  /** Whether another frame of the camera follows. */
  get isLive(): boolean {
    return this.#camera.isLive;
  }

  /** Draws `overlay` over the picture; null removes it. */
  setOverlay(overlay: Element | null): void {
    this.#overlay?.remove();
    this.#overlay = overlay;
    if (overlay) this.#tile.frame.append(overlay);
  }

  openPhotograph(): Promise<void> {
    return this.#open(() => pictureFromUrl(PHOTOGRAPH.url, PHOTOGRAPH.name));
  }

  /** Replaces the camera by the photograph. */
  async leaveCamera(): Promise<void> {
    if (this.#camera.isOn) await this.openPhotograph();
  }

  showTime(text: string): void {
    this.#times.textContent = text;
  }

  /** Shows why a picture could not be loaded or processed, and stops the camera. */
  showError(error: unknown): void {
    this.#stopCamera();
    this.#error.textContent =
      error instanceof PictureError
        ? error.message
        : `The picture could not be processed. ${messageOf(error)}`;
    this.#error.hidden = false;
  }

  #show(pixels: ImageData): void {
    this.#pixels = pixels;
    this.#tile.draw(pixels);
    this.#onPicture(pixels);
  }

  #openFile(file: File | undefined | null): void {
    if (file) void this.#open(() => pictureFromFile(file));
  }

  /** Shows a picture. If it cannot be loaded, shows the error and keeps the previous picture. */
  async #open(load: () => Promise<Picture>): Promise<void> {
    const request = ++this.#requests;
    this.#error.hidden = true;
    try {
      const { pixels, name } = await load();
      if (request !== this.#requests) return;
      this.#stopCamera();
      this.#caption.replaceChildren(...captionOf(name));
      this.#photographButton.hidden = name === PHOTOGRAPH.name;
      this.#show(pixels);
    } catch (error) {
      if (request === this.#requests) this.showError(error);
    }
  }

  async #toggleCamera(): Promise<void> {
    if (this.#camera.isOn) return this.openPhotograph();
    const request = ++this.#requests;
    this.#error.hidden = true;
    try {
      if (!(await this.#camera.start())) return;
      if (request !== this.#requests) return this.#stopCamera();
      this.#cameraButton.textContent = 'Stop the camera';
      this.#freezeButton.hidden = false;
      this.#photographButton.hidden = true;
      this.#caption.textContent = 'Your camera, live, 640×480. Its pictures never leave this page.';
    } catch (error) {
      if (request === this.#requests) this.showError(error);
    }
  }

  #toggleFreeze(): void {
    if (this.#camera.isLive) this.#camera.freeze();
    else this.#camera.resume();
    this.#freezeButton.textContent = this.#camera.isLive ? 'Freeze' : 'Resume';
  }

  #stopCamera(): void {
    this.#camera.stop();
    this.#cameraButton.textContent = 'Use the camera';
    this.#freezeButton.textContent = 'Freeze';
    this.#freezeButton.hidden = true;
    this.#times.textContent = '';
    delete this.#times.dataset.median;
    delete this.#times.dataset.frames;
  }

  #acceptFiles(root: HTMLElement): void {
    // A file dropped outside the workshop must not replace the page.
    for (const kind of ['dragover', 'drop'] as const) {
      addEventListener(kind, (event) => event.preventDefault());
    }
    let depth = 0;
    const hover = (change: number) => {
      depth = Math.max(0, depth + change);
      root.toggleAttribute('data-drop', depth > 0);
    };
    root.addEventListener('dragenter', () => hover(1));
    root.addEventListener('dragleave', () => hover(-1));
    root.addEventListener('drop', (event) => {
      hover(-depth);
      this.#openFile(event.dataTransfer?.files[0]);
    });
    document.addEventListener('paste', (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) =>
        type.startsWith('image/'),
      );
      if (!file) return;
      event.preventDefault();
      this.#openFile(file);
      find('#workshop').scrollIntoView();
    });
  }
}

function captionOf(name: string): (Node | string)[] {
  if (name !== PHOTOGRAPH.name) return [`Your picture “${name}”. It never leaves this page.`];
  const licence = el('a', { href: './photos/README.txt' }, 'CC0');
  return [el('cite', {}, 'seeding'), ' by Clemens Engelhardt, 2018, ', licence, '.'];
}

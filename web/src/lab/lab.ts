import type { Corr2d } from 'corr2d';
import { button, el, find, messageOf } from '../shared/dom';
import { formatDuration, formatShape } from '../shared/format';
import type { Link } from '../shared/link';
import { Camera } from './camera';
import { coloursMode } from './colours';
import { kernelsMode } from './kernels';
import type { Mode } from './mode';
import { type Picture, PictureError, pictureFromFile, pictureFromUrl } from './picture';
import { stackMode } from './stack';
import { PictureTile } from './tile';

const DEFAULT_PICTURE = {
  url: `${import.meta.env.BASE_URL}photos/dandelion.jpg`,
  name: 'dandelion.jpg',
};

/** Applies kernels, colour matrices or a stack of layers to pictures and the camera. */
export async function mountLab(root: HTMLElement, c: Corr2d, link: Link): Promise<void> {
  const lab = new Lab(root, c, link);
  await lab.openDefaultPicture();
}

class Lab {
  readonly #c: Corr2d;
  readonly #link: Link;
  readonly #modes: readonly Mode[];
  readonly #tabs: HTMLButtonElement[];
  readonly #source = new PictureTile('The picture');
  readonly #caption = el('p', { class: 'muted', id: 'lab-caption' });
  readonly #times = el('p', { class: 'lab-times', id: 'lab-times' });
  readonly #error = el('p', { class: 'notice', role: 'alert', hidden: '' });
  readonly #camera: Camera;
  readonly #cameraButton = button('Use the camera', () => void this.#toggleCamera());
  #mode: Mode;
  #pixels: ImageData | null = null;
  #isScheduled = false;
  /** Number of pictures requested so far; a slow older request must not replace a newer picture. */
  #requests = 0;

  constructor(root: HTMLElement, c: Corr2d, link: Link) {
    this.#c = c;
    this.#link = link;
    const onChange = () => this.#onChange();
    this.#modes = [kernelsMode(c, onChange), coloursMode(c, onChange), stackMode(c, onChange)];
    this.#mode = this.#modes[0] as Mode;
    this.#camera = new Camera(
      (pixels) => this.#process(pixels),
      ({ workMs: work, perSecond, frames }) => {
        this.#times.textContent = `${formatDuration(work)} from capture to drawn (median of ${frames} frames), ${perSecond.toFixed(0)} frames a second`;
        this.#times.dataset.median = String(work);
        this.#times.dataset.frames = String(frames);
      },
    );

    const file = el('input', {
      type: 'file',
      accept: 'image/*',
      class: 'visually-hidden',
      id: 'lab-file',
    });
    file.addEventListener('change', () => {
      this.#openFile(file.files?.[0]);
      file.value = ''; // so that the same file can be picked again
    });
    this.#tabs = this.#modes.map((mode, i) => {
      const tab = button(mode.label, () => this.#show(mode));
      tab.setAttribute('role', 'tab');
      tab.id = `lab-tab-${mode.id}`;
      tab.setAttribute('aria-controls', `lab-panel-${mode.id}`);
      tab.addEventListener('keydown', (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        const other = step && this.#tabs.at((i + step) % this.#tabs.length);
        if (!other) return;
        other.focus();
        other.click();
      });
      mode.element.id = `lab-panel-${mode.id}`;
      mode.element.setAttribute('role', 'tabpanel');
      mode.element.setAttribute('aria-labelledby', tab.id);
      return tab;
    });
    root.replaceChildren(
      el(
        'div',
        { class: 'lab-source' },
        this.#source.element,
        el(
          'div',
          { class: 'lab-choose' },
          el(
            'div',
            { class: 'actions' },
            file,
            el('label', { class: 'button', for: 'lab-file' }, 'Choose a picture'),
            this.#cameraButton,
            button('The photograph', () => void this.openDefaultPicture(), 'ghost'),
          ),
          el('p', { class: 'muted' }, 'Or drop or paste one here.'),
          this.#error,
          this.#caption,
          this.#times,
        ),
      ),
      el(
        'div',
        { class: 'choices', role: 'tablist', 'aria-label': 'What to compute' },
        ...this.#tabs,
      ),
      ...this.#modes.map((mode) => mode.element),
    );
    this.#acceptFiles(root);
    link.onOpen(() => this.#restore());
    this.#restore();
  }

  openDefaultPicture(): Promise<void> {
    return this.#open(() => pictureFromUrl(DEFAULT_PICTURE.url, DEFAULT_PICTURE.name));
  }

  #openFile(file: File | undefined | null): void {
    if (file) void this.#open(() => pictureFromFile(file));
  }

  /** Shows a picture. If it cannot be loaded, shows the error and keeps the previous picture. */
  async #open(from: () => Promise<Picture>): Promise<void> {
    const request = ++this.#requests;
    this.#error.hidden = true;
    try {
      const { pixels, name } = await from();
      if (request !== this.#requests) return;
      this.#stopCamera();
      this.#caption.replaceChildren(...captionOf(name));
      this.#process(pixels);
    } catch (error) {
      if (request === this.#requests) this.#showError(error);
    }
  }

  async #toggleCamera(): Promise<void> {
    if (this.#camera.isOn) return this.openDefaultPicture();
    const request = ++this.#requests;
    this.#error.hidden = true;
    try {
      await this.#camera.start();
      if (request !== this.#requests) return this.#stopCamera();
      this.#cameraButton.textContent = 'Stop the camera';
      this.#caption.textContent = 'Your camera, live, 640×480. Its images never leave this page.';
    } catch (error) {
      this.#stopCamera();
      this.#showError(error);
    }
  }

  #stopCamera(): void {
    this.#camera.stop();
    this.#cameraButton.textContent = 'Use the camera';
    this.#times.textContent = '';
    delete this.#times.dataset.median;
  }

  #process(pixels: ImageData): void {
    const start = performance.now();
    this.#pixels = pixels;
    this.#source.draw(pixels);
    try {
      const X = this.#c.fromImageData(pixels);
      try {
        this.#mode.run(X, this.#camera.isOn);
      } finally {
        X.dispose();
      }
    } catch (error) {
      this.#stopCamera();
      this.#showError(error);
      return;
    }
    if (!this.#camera.isOn) {
      const took = formatDuration(performance.now() - start);
      const shape = formatShape([3, pixels.height, pixels.width]);
      this.#times.textContent = `${shape}, computed and drawn in ${took}`;
    }
  }

  #showError(error: unknown): void {
    this.#error.textContent =
      error instanceof PictureError
        ? error.message
        : `The picture could not be processed. ${messageOf(error)}`;
    this.#error.hidden = false;
  }

  #show(mode: Mode): void {
    this.#mode = mode;
    this.#modes.forEach((other, i) => {
      const own = other === mode;
      other.element.hidden = !own;
      this.#tabs[i]?.setAttribute('aria-selected', String(own));
      if (this.#tabs[i]) this.#tabs[i].tabIndex = own ? 0 : -1;
    });
    this.#onChange();
  }

  /** Saves the state in the link and recomputes once before the next frame. */
  #onChange(): void {
    this.#link.set('lab', this.#mode === this.#modes[0] ? null : this.#mode.id);
    this.#link.set('lab-w', this.#mode.save());
    if (this.#isScheduled || this.#camera.isOn) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      if (this.#pixels) this.#process(this.#pixels);
    });
  }

  #restore(): void {
    const saved = this.#link.get('lab-w');
    const mode = this.#modes.find(({ id }) => id === this.#link.get('lab')) ?? this.#modes[0];
    if (!mode) return;
    if (saved !== null) mode.restore(saved);
    this.#show(mode);
  }

  #acceptFiles(root: HTMLElement): void {
    // A file dropped outside the lab must not replace the page.
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
  if (name !== DEFAULT_PICTURE.name) return [`Your picture “${name}”. It never leaves this page.`];
  const licence = el('a', { href: './photos/README.txt' }, 'CC0');
  return [el('cite', {}, 'seeding'), ' by Clemens Engelhardt, 2018, ', licence, '.'];
}

import type { Corr2d, Tensor } from 'corr2d';
import { createCheck } from '../check';
import { breathe, el, find, grouped, messageOf } from '../dom';
import { filter, read, show } from '../examples/photo.js';
import code from '../examples/photo.js?raw';
import { codeBlock } from '../highlight';
import { Comparison, windowSum } from '../reference';
import { bank, kernelSize } from './bank';
import { type Picture, PictureError, pictureFromFile, pictureFromUrl } from './picture';
import { swatch } from './swatch';

const SHIPPED = {
  url: `${import.meta.env.BASE_URL}photos/dandelion.jpg`,
  name: 'dandelion.jpg',
  description: 'A dandelion gone to seed against the evening sun',
};
const STEADY_RUNS = 11;
const STEADY_BUDGET_MS = 900;
/** At how many positions each of the output channels is checked. */
const SAMPLES = 250;

function paint(canvas: HTMLCanvasElement, pixels: ImageData): void {
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

const milliseconds = (value: number): string => `${value.toFixed(value < 9.95 ? 1 : 0)} ms`;

/** Positions in h×w, none twice: all, if they are few; else the corners and some spread over it. */
function positions(h: number, w: number): [row: number, column: number][] {
  const size = h * w;
  const spread = new Set(
    size <= SAMPLES ? Array(size).keys() : [0, w - 1, (h - 1) * w, (h - 1) * w + w - 1],
  );
  for (let n = 1; spread.size < Math.min(SAMPLES, size); n++) {
    // the fractional parts of multiples of two irrational numbers fill a square evenly
    const row = Math.floor(((n * 0.7548776662466927) % 1) * h);
    const column = Math.floor(((n * 0.5698402909980532) % 1) * w);
    spread.add(row * w + column);
  }
  return [...spread].map((index) => [Math.floor(index / w), index % w]);
}

/** Holds sampled output pixels of every channel against sums made from the picture's own bytes. */
function compare(pixels: ImageData, Y: Tensor): Comparison {
  const [, h = 0, w = 0] = Y.shape;
  const y = Y.data;
  const input = (c: number, i: number, j: number) =>
    (pixels.data[4 * (i * pixels.width + j) + c] ?? NaN) / 255;
  const comparison = new Comparison();
  for (const [row, column] of positions(h, w)) {
    bank.forEach(({ kernel }, o) => {
      const reference = windowSum(input, kernel, row, column);
      comparison.add(y[(o * h + row) * w + column] ?? NaN, reference);
    });
  }
  return comparison;
}

/** A picture through the bank, into eight pictures; the visitor's own picture too. */
export function mountPhoto(): {
  run(c: Corr2d): Promise<void>;
  /** When there is no corr2d: shows the picture that the page comes with, and that is all. */
  runWithout(): Promise<void>;
} {
  find('#photo-code').append(codeBlock(code));
  const source = find<HTMLCanvasElement>('#photo-source');
  const caption = find('#photo-caption');
  const credit = [...caption.childNodes];
  const numbers = find('#photo-numbers');
  const complaint = find('#photo-error');
  const restore = find<HTMLButtonElement>('#photo-restore');
  const frames = bank.map(({ name, note, kernel }) => {
    const canvas = el('canvas', { width: '956', height: '636', role: 'img', 'aria-label': name });
    const blank = el('p', { class: 'blank', hidden: '' }, 'not computed');
    find('#photo-outputs').append(
      el(
        'figure',
        { class: 'output' },
        canvas,
        blank,
        el('figcaption', {}, el('div', {}, el('strong', {}, name), ' ', note), swatch(kernel)),
      ),
    );
    return { canvas, blank };
  });
  const check = createCheck(find('[data-example="photo"]'), '…', {
    result: 'Sampled pixels right',
    expected: 'Wanted',
    match: 'plain loops over the picture’s bytes agree',
    mismatch: 'plain loops over the picture’s bytes disagree',
  });

  let picks = 0; // pictures asked for
  let shown = 0; // the pick that is on the page; an older one never replaces it

  function list(rows: readonly (readonly [name: string, value: string])[]): void {
    numbers.replaceChildren(
      ...rows.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
    );
  }

  /** Whether the eight outputs are there to be seen, or a word in their place. */
  function reveal(computed: boolean): void {
    for (const { canvas, blank } of frames) {
      canvas.hidden = !computed;
      blank.hidden = computed;
    }
  }

  function leaveUncomputed(picture: ImageData | undefined): void {
    reveal(false);
    list([
      picture ? ['In', `3×${picture.height}×${picture.width}`] : ['Picture', 'none'],
      ['Out', 'not computed'],
    ]);
  }

  function complain(error: unknown, name: string): void {
    complaint.textContent =
      error instanceof PictureError
        ? error.message
        : `“${name}” could not be filtered. ${messageOf(error)}`;
    complaint.hidden = false;
  }

  function describe(name: string): void {
    const shipped = name === SHIPPED.name;
    restore.hidden = shipped;
    caption.replaceChildren(
      ...(shipped ? credit : [`Your picture “${name}”. It does not leave this page.`]),
    );
    source.setAttribute('aria-label', shipped ? SHIPPED.description : `Your picture ${name}`);
  }

  async function process(
    c: Corr2d,
    { pixels, width, height }: Picture,
    name: string,
    pick: number,
  ): Promise<void> {
    if (pick < shown) return;
    if (pixels.width < kernelSize || pixels.height < kernelSize) {
      throw new PictureError(
        `A picture of ${pixels.width}×${pixels.height} pixels is smaller than the ${kernelSize}×${kernelSize} kernels.`,
      );
    }
    shown = pick;
    check.reset();
    list([['Working', '…']]);
    paint(source, pixels);
    describe(name);
    await breathe();

    const owned: Tensor[] = [];
    const own = (tensor: Tensor): Tensor => {
      owned.push(tensor);
      return tensor;
    };
    try {
      const K = own(c.tensor(bank.map(({ kernel }) => kernel)));
      const X = own(read(c, pixels));
      let start = performance.now();
      const Y = own(filter(c, X, K));
      const first = performance.now() - start;
      bank.forEach(({ range }, i) => {
        const canvas = frames[i]?.canvas;
        if (canvas) paint(canvas, show(c, Y, i, range));
      });
      reveal(true);
      const comparison = compare(pixels, Y);
      await breathe();

      const times: number[] = [];
      const stop = performance.now() + STEADY_BUDGET_MS;
      while (times.length < STEADY_RUNS && performance.now() < stop) {
        if (pick !== shown) return; // a newer picture has taken over
        start = performance.now();
        const again: Tensor = filter(c, X, K);
        times.push(performance.now() - start);
        again.dispose();
        await breathe();
      }
      if (pick !== shown) return;

      const shape = (tensor: Tensor) => tensor.shape.join('×');
      const multiplyAdds = Y.size * (K.size / bank.length);
      const scaled = width !== pixels.width ? ` (scaled down from ${width}×${height})` : '';
      list([
        ['In', `${shape(X)}${scaled}`],
        ['Kernels', shape(K)],
        ['Out', shape(Y)],
        [
          'Multiply-adds',
          multiplyAdds < 1e6
            ? grouped(multiplyAdds)
            : `${grouped(Math.round(multiplyAdds / 1e6))} million`,
        ],
        ['First call', milliseconds(first)],
        [`Later calls, median of ${times.length}`, milliseconds(median(times))],
      ]);
      check.settle(
        `${grouped(comparison.within)} of ${grouped(comparison.total)}`,
        comparison.holds,
        `${grouped(comparison.total)} of ${grouped(comparison.total)}`,
      );
    } finally {
      for (const tensor of owned) tensor.dispose();
    }
  }

  /** Shows a picture, or says why not; a picture that was there before then stays. */
  async function open(c: Corr2d, from: () => Promise<Picture>, name: string): Promise<void> {
    const pick = ++picks;
    complaint.hidden = true;
    let picture: Picture | undefined;
    try {
      picture = await from();
      await process(c, picture, name, pick);
    } catch (error) {
      if (pick === picks) complain(error, name);
      if (shown === pick || shown === 0) {
        leaveUncomputed(shown === pick ? picture?.pixels : undefined);
        check.fail(error instanceof PictureError ? 'not computed' : error);
      }
    }
  }

  const fetchShipped = () => pictureFromUrl(SHIPPED.url, SHIPPED.name);
  const openShipped = (c: Corr2d) => open(c, fetchShipped, SHIPPED.name);

  return {
    async runWithout() {
      leaveUncomputed(undefined);
      try {
        const { pixels } = await fetchShipped();
        paint(source, pixels);
        describe(SHIPPED.name);
        leaveUncomputed(pixels);
      } catch (error) {
        complain(error, SHIPPED.name);
      }
    },
    async run(c) {
      const picker = find<HTMLInputElement>('#photo-file');
      const section = find('#photograph');
      const openFile = (file: File | undefined) => {
        if (file) void open(c, () => pictureFromFile(file), file.name);
      };
      picker.addEventListener('change', () => {
        openFile(picker.files?.[0]);
        picker.value = ''; // so that the same file can be picked again
      });
      restore.addEventListener('click', () => {
        void openShipped(c);
        picker.focus();
      });
      // a file that is dropped beside the target must not replace the page
      for (const kind of ['dragover', 'drop'] as const) {
        window.addEventListener(kind, (event) => event.preventDefault());
      }
      let depth = 0;
      const hover = (change: number) => {
        depth = Math.max(0, depth + change);
        section.toggleAttribute('data-drop', depth > 0);
      };
      section.addEventListener('dragenter', () => hover(1));
      section.addEventListener('dragleave', () => hover(-1));
      section.addEventListener('drop', (event) => {
        hover(-depth);
        openFile(event.dataTransfer?.files[0]);
      });
      picker.disabled = false;
      await openShipped(c);
    },
  };
}

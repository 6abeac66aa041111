import recipes from 'virtual:recipes';
import { el, find, messageOf } from '../shared/dom';
import { foldCode } from '../shared/fold-code';
import { formatDuration } from '../shared/format';

const PHOTOGRAPH = './photos/dandelion.jpg';
/** Width of the canvas in pixels: small, so that a blur of 5×5 pixels can be seen. */
const CANVAS_WIDTH = 128;

/** Makes the Run button of a recipe run the code that the panel shows. */
export function mountRecipe(panel: HTMLElement): void {
  const run = find<HTMLButtonElement>('.run', panel);
  const output = find('.cell-output', panel);
  const code = find('.cell-code', panel);
  foldCode(panel, code, code.textContent ?? '');
  const time = el('span', { class: 'muted timing' });
  run.after(time);
  run.disabled = false;
  run.addEventListener('click', async () => {
    run.disabled = true;
    time.textContent = 'running';
    const shown: Node[] = [];
    try {
      const started = performance.now();
      await runRecipe(panel, (node) => shown.push(node));
      time.textContent = formatDuration(performance.now() - started);
    } catch (error) {
      time.textContent = '';
      shown.push(createError(error));
    }
    output.replaceChildren(...shown);
    run.disabled = false;
  });
  if ('canvas' in panel.dataset) {
    createFigure('The canvas')
      .then(({ figure }) => output.replaceChildren(figure))
      .catch(() => {}); // Run shows the error
  }
}

/** Runs a recipe. Its `console` shows what it prints, and its `document` has a canvas with the photograph. */
async function runRecipe(panel: HTMLElement, show: (node: Node) => void): Promise<void> {
  const id = panel.dataset.recipe ?? '';
  const load = recipes[id];
  if (!load) throw new Error(`there is no recipe ${id}`);
  const { default: run } = await load();
  let canvas: Element | null = null;
  if ('canvas' in panel.dataset) {
    const [before, after] = await Promise.all(['Before', 'After'].map(createFigure));
    canvas = after?.canvas ?? null;
    for (const { figure } of [before, after].filter((one) => one !== undefined)) show(figure);
  }
  const log = (...values: unknown[]) =>
    show(el('pre', { 'data-role': 'printed' }, values.map(String).join(' ')));
  await run({ log }, { querySelector: (selector) => (selector === 'canvas' ? canvas : null) });
}

/** A canvas that shows the photograph. */
async function createFigure(caption: string) {
  const photograph = new Image();
  photograph.src = PHOTOGRAPH;
  await photograph.decode();
  const height = Math.round((photograph.height * CANVAS_WIDTH) / photograph.width);
  const canvas = el('canvas', {
    width: `${CANVAS_WIDTH}`,
    height: `${height}`,
    role: 'img',
    'aria-label': `${caption}: the photograph of a dandelion`,
  });
  canvas.getContext('2d')?.drawImage(photograph, 0, 0, CANVAS_WIDTH, height);
  return { canvas, figure: el('figure', {}, canvas, el('figcaption', {}, caption)) };
}

function createError(error: unknown): HTMLElement {
  const name = error instanceof Error ? `${error.name}: ` : '';
  const message = el('p', {}, `${name}${messageOf(error)}`);
  return el('div', { class: 'cell-error', 'data-role': 'error' }, message);
}

import shapes from 'virtual:bench-shapes';
import { CancelledError, MeasurementClient } from '../measure/client';
import type { BenchResult } from '../measure/messages';
import { Progress } from '../measure/progress';
import { button, el, messageOf } from '../shared/dom';
import { featureItems } from '../shared/features';
import { formatCount, formatDuration, formatSignificant, median } from '../shared/format';

type Shape = (typeof shapes)[number];

/** Whether the plain loops of this page support the shape. */
const isComparable = ({ kind, layout, paddingMode, batch, bias, relu, gaussian }: Shape): boolean =>
  kind === 'plan' &&
  layout === 'nchw' &&
  paddingMode === 'zeros' &&
  batch === 1 &&
  !bias &&
  !relu &&
  !gaussian;

/** Limit for the quick run: the loops take a few tenths of a second for this many multiply-adds. */
const MAX_QUICK_MACS = 130e6;
/** A lower speedup means that the engine does not optimise WebAssembly; see `measureSpeedup`. */
const MIN_SPEEDUP = 6;

const allShapes = shapes.filter(isComparable);
const quickShapes = allShapes.filter(({ isMain, macs }) => isMain && macs <= MAX_QUICK_MACS);

/** The benchmark's shapes against plain JavaScript loops. */
export async function mountSpeed(root: HTMLElement): Promise<void> {
  new Speed(root);
}

class Speed {
  readonly #measurements = new MeasurementClient();
  readonly #features = el('ul', { class: 'features' }, el('li', {}, 'not started yet'));
  readonly #progress = new Progress('the benchmark', () => this.#measurements.cancel());
  readonly #warning = el('div', { class: 'notice warning', role: 'status', hidden: '' });
  readonly #summary = el('p', { class: 'answer', role: 'status', id: 'speed-summary' });
  readonly #rows = el('tbody');
  readonly #table: HTMLElement;
  readonly #buttons: HTMLButtonElement[];

  constructor(root: HTMLElement) {
    this.#buttons = [
      button('Measure', () => void this.#run(quickShapes), 'primary'),
      button(`All ${allShapes.length} shapes`, () => void this.#run(allShapes)),
    ];
    const head = [
      'Shape',
      'Multiply-adds',
      'Loops',
      'corr2d, cold',
      'corr2d, steady',
      'GFLOP/s',
      'Speedup',
      'Same result',
    ];
    this.#table = el(
      'div',
      {
        class: 'table-scroll',
        hidden: '',
        tabindex: '0',
        role: 'region',
        'aria-label': 'Results of the benchmark',
      },
      el(
        'table',
        { class: 'results' },
        el('thead', {}, el('tr', {}, ...head.map((name) => el('th', { scope: 'col' }, name)))),
        this.#rows,
      ),
    );
    root.replaceChildren(
      this.#features,
      el(
        'div',
        { class: 'actions' },
        ...this.#buttons,
        el(
          'span',
          { class: 'muted' },
          'Measuring the main shapes takes about ten seconds; all shapes take a few minutes.',
        ),
      ),
      this.#progress.element,
      this.#warning,
      this.#summary,
      this.#table,
    );
    this.#showFeatures();
  }

  async #showFeatures(): Promise<void> {
    try {
      const { features, version, milliseconds } = await this.#measurements.load();
      this.#features.replaceChildren(...featureItems(features, version, milliseconds));
    } catch (error) {
      this.#features.replaceChildren(el('li', {}, messageOf(error)));
    }
  }

  async #run(chosen: readonly Shape[]): Promise<void> {
    this.#rows.replaceChildren();
    this.#table.hidden = false;
    this.#warning.hidden = true;
    this.#summary.textContent = '';
    for (const control of this.#buttons) control.disabled = true;
    const found: { shape: Shape; result: BenchResult }[] = [];
    try {
      await this.#showFeatures();
      this.#progress.show(0, chosen.length, 'preparing');
      this.#warnIfSlow(await this.#measurements.request('speedup', null));
      let className = '';
      for (const shape of chosen) {
        this.#progress.show(found.length, chosen.length, shape.name);
        const result = await this.#measurements.request('bench', { shape });
        if (shape.className !== className) {
          className = shape.className;
          const heading = el('th', { colspan: '8', scope: 'colgroup' }, className);
          this.#rows.append(el('tr', { class: 'group' }, heading));
        }
        this.#rows.append(rowOf(shape, result));
        found.push({ shape, result });
      }
      this.#summarise(found);
    } catch (error) {
      this.#summary.textContent =
        error instanceof CancelledError
          ? `Cancelled after ${found.length} of ${chosen.length} shapes.`
          : messageOf(error);
    } finally {
      this.#progress.hide();
      for (const control of this.#buttons) control.disabled = false;
    }
  }

  #summarise(found: readonly { result: BenchResult }[]): void {
    const ratios = found.map(({ result }) => result.loops / result.steady);
    const agree = found.filter(({ result }) => result.agrees).length;
    this.#summary.textContent = `Over ${found.length} shapes, corr2d is ${formatSignificant(median(ratios))} times as fast as the loops (median; range ${formatSignificant(Math.min(...ratios))} to ${formatSignificant(Math.max(...ratios))}). ${agree} of ${found.length} results agree.`;
    this.#summary.dataset.agree = String(agree);
    this.#summary.dataset.total = String(found.length);
  }

  /** A page cannot detect open developer tools, but it can see that WebAssembly is too slow. */
  #warnIfSlow(speedup: number): void {
    this.#warning.dataset.speedup = speedup.toFixed(1);
    if (speedup >= MIN_SPEEDUP) return;
    this.#warning.replaceChildren(
      el(
        'p',
        {},
        el('strong', {}, 'This is slower than it should be.'),
        ' Are the developer tools open? While they are open, browsers run WebAssembly unoptimised. Close them, reload the page and measure again.',
      ),
    );
    this.#warning.hidden = false;
  }
}

function rowOf(shape: Shape, result: BenchResult): HTMLTableRowElement {
  const { macs, loops, cold, steady, agrees } = result;
  const cell = (text: string) => el('td', {}, text);
  return el(
    'tr',
    {},
    el('td', {}, shape.name),
    cell(formatCount(macs)),
    cell(formatDuration(loops)),
    cell(formatDuration(cold)),
    cell(formatDuration(steady)),
    cell(formatSignificant((2 * macs) / (steady * 1e6))),
    el('td', {}, el('strong', {}, `${formatSignificant(loops / steady)}×`)),
    cell(agrees ? '✓' : '✗'),
  );
}

import shapes from 'virtual:bench-shapes';
import type { BenchResult } from '../measure/messages';
import { Cancelled, Meter } from '../measure/meter';
import { Progress } from '../measure/progress';
import { button, el, messageOf } from '../shared/dom';
import { featureItems } from '../shared/features';
import { counted, duration, median, significant } from '../shared/format';

type Shape = (typeof shapes)[number];

/** What the plain loops on this page can do as well. */
const isComparable = ({ kind, layout, paddingMode, batch, bias, relu, gaussian }: Shape): boolean =>
  kind === 'plan' &&
  layout === 'nchw' &&
  paddingMode === 'zeros' &&
  batch === 1 &&
  !bias &&
  !relu &&
  !gaussian;

/** The main shapes, and no more than the loops manage in a few tenths of a second. */
const QUICK_MACS = 130e6;
/** Below this corr2d is not what it is where the engine optimises it; see `probe`. */
const LEAST_ADVANTAGE = 6;

const all = shapes.filter(isComparable);
const quick = all.filter(({ isMain, macs }) => isMain && macs <= QUICK_MACS);

/** Section 7: the benchmark's shapes against plain JavaScript loops. */
export async function mountSpeed(root: HTMLElement): Promise<void> {
  new Speed(root);
}

class Speed {
  readonly #meter = new Meter();
  readonly #features = el('ul', { class: 'features' }, el('li', {}, 'not started yet'));
  readonly #progress = new Progress('the benchmark', () => this.#meter.cancel());
  readonly #warning = el('div', { class: 'notice warning', role: 'status', hidden: '' });
  readonly #summary = el('p', { class: 'answer', role: 'status', id: 'speed-summary' });
  readonly #rows = el('tbody');
  readonly #table: HTMLElement;
  readonly #buttons: HTMLButtonElement[];

  constructor(root: HTMLElement) {
    this.#buttons = [
      button('Measure', () => void this.#run(quick), 'primary'),
      button(`All ${all.length} shapes`, () => void this.#run(all)),
    ];
    const head = [
      'Shape',
      'Multiply-adds',
      'Loops',
      'corr2d, cold',
      'corr2d, steady',
      'GFLOP/s',
      'Times as fast',
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
          'The first takes about ten seconds, the second some minutes.',
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
      const { features, version, milliseconds } = await this.#meter.load();
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
      this.#progress.show(0, chosen.length, 'getting ready');
      this.#warnOfDevTools(await this.#meter.ask('probe', null));
      let className = '';
      for (const shape of chosen) {
        this.#progress.show(found.length, chosen.length, shape.name);
        const result = await this.#meter.ask('bench', { shape });
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
        error instanceof Cancelled
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
    this.#summary.textContent = `Over ${found.length} shapes corr2d is ${significant(median(ratios))} times as fast as the loops, by the median; from ${significant(Math.min(...ratios))} to ${significant(Math.max(...ratios))} times. ${agree} of ${found.length} results are the same.`;
    this.#summary.dataset.agree = String(agree);
    this.#summary.dataset.total = String(found.length);
  }

  /** A page cannot ask whether developer tools are open; it can see that the speed is not right. */
  #warnOfDevTools(advantage: number): void {
    this.#warning.dataset.advantage = advantage.toFixed(1);
    if (advantage >= LEAST_ADVANTAGE) return;
    this.#warning.replaceChildren(
      el(
        'p',
        {},
        el('strong', {}, 'This is slower than it should be.'),
        ' Are the developer tools open? While they are, browsers run WebAssembly unoptimised. Close them, reload the page and measure again.',
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
    cell(counted(macs)),
    cell(duration(loops)),
    cell(duration(cold)),
    cell(duration(steady)),
    cell(significant((2 * macs) / (steady * 1e6))),
    el('td', {}, el('strong', {}, `${significant(loops / steady)}×`)),
    cell(agrees ? '✓' : '✗'),
  );
}

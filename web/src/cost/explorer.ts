import { CancelledError, MeasurementClient } from '../measure/client';
import { macsOf, outputOf, type Problem, weightsOf } from '../measure/problem';
import { Progress } from '../measure/progress';
import { button, el, messageOf } from '../shared/dom';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatInteger,
  formatShape,
  formatSignificant,
} from '../shared/format';
import type { Link } from '../shared/link';
import { LayerForm } from './layer-form';
import { Plot } from './plot';

const LAYER_BUDGET_MS = 120;
const CURVE_BUDGET_MS = 100;
const DEBOUNCE_MS = 200;
const CURVE_CHANNELS = [4, 8, 16, 32, 64, 128, 256];
const CURVE_SIZES = [7, 14, 28, 56, 112];
/** Layers with more multiply-adds are left out of the curves. */
const MAX_CURVE_MACS = 2e9;

/** Plans and measures the layer that the visitor chooses. */
export async function mountExplorer(root: HTMLElement, link: Link): Promise<void> {
  new Explorer(root, link);
}

class Explorer {
  readonly #measurements = new MeasurementClient();
  readonly #form: LayerForm;
  readonly #facts = el('dl', { class: 'facts' });
  readonly #reason = el('p', { class: 'muted', id: 'cost-why' });
  readonly #doubleResult = el('p', { class: 'answer', role: 'status', id: 'cost-double' });
  readonly #measureDouble = button('Double the channels', () => void this.#doubleChannels());
  readonly #measureCurves = button(
    'Measure the curves',
    () => void this.#measureAllCurves(),
    'primary',
  );
  readonly #progress = new Progress('measuring the curves', () => this.#cancel());
  readonly #error = el('p', { class: 'notice', role: 'alert', hidden: '' });
  readonly #channels: Plot;
  readonly #size: Plot;
  readonly #plots: HTMLElement;
  #timer = 0;
  #generation = 0;

  constructor(root: HTMLElement, link: Link) {
    const channels = el('div', { class: 'plot' });
    const size = el('div', { class: 'plot' });
    this.#plots = el(
      'div',
      { class: 'plots', hidden: '' },
      el('figure', {}, el('h3', {}, 'Time against channels (as many in as out)'), channels),
      el('figure', {}, el('h3', {}, 'Time against height and width'), size),
    );
    this.#form = new LayerForm(link, () => this.#onChange());
    root.replaceChildren(
      this.#form.element,
      this.#facts,
      this.#reason,
      this.#error,
      el('div', { class: 'actions' }, this.#measureDouble, this.#measureCurves),
      this.#doubleResult,
      this.#progress.element,
      this.#plots,
    );
    this.#channels = new Plot(channels);
    this.#size = new Plot(size);
    this.#onChange();
  }

  /** Shows the computed facts at once, and measures when the sliders have not moved for DEBOUNCE_MS. */
  #onChange(): void {
    if (!this.#form) return;
    const generation = ++this.#generation;
    this.#show(this.#form.problem);
    this.#doubleResult.textContent = '';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#measure(generation), DEBOUNCE_MS);
  }

  async #measure(generation: number): Promise<void> {
    const problem = this.#form.problem;
    this.#error.hidden = true;
    try {
      const timing = await this.#measurements.request('time', {
        problem,
        direction: 'forward',
        budget: LAYER_BUDGET_MS,
      });
      if (generation !== this.#generation) return;
      const perSecond = (2 * timing.macs) / (timing.milliseconds * 1e6);
      this.#show(problem, [
        ['Time here', formatDuration(timing.milliseconds)],
        ['Speed', `${formatSignificant(perSecond)} GFLOP/s`],
        ['Algorithm', timing.algorithm],
        ['Packed weights', formatBytes(timing.weightBytes)],
        ['Workspace', formatBytes(timing.workspaceBytes)],
      ]);
      const reason = /algorithm: (.*)/.exec(timing.description)?.[1] ?? timing.description;
      this.#reason.textContent = `The plan says: ${reason}.`;
      this.#reason.dataset.macs = String(timing.macs);
    } catch (error) {
      if (!(error instanceof CancelledError) && generation === this.#generation)
        this.#showError(error);
    }
  }

  #show(problem: Problem, measured: readonly (readonly [string, string])[] = []): void {
    const output = outputOf(problem);
    const { h, w, ci, co } = problem;
    const elements = ci * h * w + co * output[0] * output[1];
    const facts: (readonly [string, string])[] = [
      ['Output', formatShape([co, ...output])],
      ['Multiply-adds', formatCount(macsOf(problem))],
      ['Parameters', formatInteger(weightsOf(problem))],
      ['Input and output', formatBytes(4 * elements)],
      ...(measured.length > 0 ? measured : [['Time here', '…'] as const]),
    ];
    this.#facts.replaceChildren(
      ...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
    );
    if (measured.length === 0) this.#reason.textContent = 'Measuring…';
  }

  /** Measures the layer and the same layer with twice the channels: the chapter's third exercise. */
  async #doubleChannels(): Promise<void> {
    const problem = this.#form.problem;
    const doubled = { ...problem, ci: 2 * problem.ci, co: 2 * problem.co };
    this.#measureDouble.disabled = true;
    this.#doubleResult.textContent = 'Measuring…';
    try {
      const [before, after] = [await this.#time(problem), await this.#time(doubled)];
      const ratio = after.milliseconds / before.milliseconds;
      const explanation =
        problem.groups === 1
          ? 'four times the multiply-adds, because twice as many output channels each see twice as many input channels'
          : 'four times the multiply-adds, with the same number of groups';
      this.#doubleResult.textContent = `${problem.ci}→${problem.co}: ${formatDuration(before.milliseconds)}. ${doubled.ci}→${doubled.co}: ${formatDuration(after.milliseconds)}. That is ${formatSignificant(ratio)} times as long for ${explanation} (${formatSignificant(after.macs / before.macs)}×).`;
    } catch (error) {
      this.#doubleResult.textContent = '';
      if (!(error instanceof CancelledError)) this.#showError(error);
    } finally {
      this.#measureDouble.disabled = false;
    }
  }

  #time(problem: Problem) {
    return this.#measurements.request('time', {
      problem,
      direction: 'forward',
      budget: CURVE_BUDGET_MS,
    });
  }

  async #measureAllCurves(): Promise<void> {
    const problem = this.#form.problem;
    const fits = (candidate: Problem) => macsOf(candidate) <= MAX_CURVE_MACS;
    const byChannels = CURVE_CHANNELS.filter((n) => n % problem.groups === 0)
      .map((n) => ({ ...problem, ci: n, co: n }))
      .filter(fits);
    const bySize = CURVE_SIZES.map((n) => ({ ...problem, h: n, w: n })).filter(fits);
    const total = byChannels.length + bySize.length;
    this.#error.hidden = true;
    this.#measureCurves.disabled = true;
    let done = 0;
    const measure = async (problems: readonly Problem[], what: (problem: Problem) => string) => {
      const times: number[] = [];
      for (const candidate of problems) {
        this.#progress.show(done++, total, what(candidate));
        times.push((await this.#time(candidate)).milliseconds);
      }
      return times;
    };
    try {
      this.#plots.hidden = false;
      const channelTimes = await measure(byChannels, ({ ci }) => `${ci} channels`);
      this.#draw(
        this.#channels,
        'channels',
        byChannels,
        byChannels.map(({ ci }) => ci),
        channelTimes,
      );
      const sizeTimes = await measure(bySize, ({ h }) => `${h}×${h}`);
      this.#draw(
        this.#size,
        'height and width',
        bySize,
        bySize.map(({ h }) => h),
        sizeTimes,
      );
    } catch (error) {
      if (!(error instanceof CancelledError)) this.#showError(error);
    } finally {
      this.#progress.hide();
      this.#measureCurves.disabled = false;
    }
  }

  #draw(
    plot: Plot,
    axis: string,
    problems: readonly Problem[],
    x: number[],
    measured: number[],
  ): void {
    // Scale the dashed line to the largest problem, where the overhead of a call matters least.
    const last = problems.at(-1);
    const scale = last ? (measured.at(-1) ?? 0) / macsOf(last) : 0;
    const predicted = problems.map((problem) => macsOf(problem) * scale);
    plot.show({ title: `Time against ${axis}`, axis, x, measured, predicted });
  }

  #cancel(): void {
    this.#measurements.cancel();
  }

  #showError(error: unknown): void {
    this.#error.textContent = `The measurement failed. ${messageOf(error)}`;
    this.#error.hidden = false;
  }
}

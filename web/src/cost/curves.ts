import { layers } from '../measure/layers';
import { MeasureButton, type MeasureRun } from '../measure/measure-button';
import { macsOf, type Problem } from '../measure/problem';
import { el } from '../shared/dom';
import { Plot } from './plot';

const CHANNELS = [4, 8, 16, 32, 64, 128, 256];
const SIZES = [7, 14, 28, 56, 112];
/** Layers with more multiply-adds are left out. */
const MAX_MACS = 2e9;

interface Curve {
  axis: string;
  problems: readonly Problem[];
  x: readonly number[];
}

/** Two plots of the time of a layer: against its channels, and against its height and width. */
export class Curves {
  readonly element: HTMLElement;
  readonly measure: MeasureButton;
  readonly #plots: readonly Plot[];
  readonly #figures: readonly HTMLElement[];
  readonly #problem: () => Problem;

  constructor(problem: () => Problem) {
    this.#problem = problem;
    this.measure = new MeasureButton({
      label: () => 'Measure the curves',
      what: 'measuring the curves',
      estimate: () =>
        layers.estimate(
          this.#curves().flatMap(({ problems }) => problems.map((p) => ({ problem: p }))),
        ),
      measure: (run) => this.#measureCurves(run),
    });
    const hosts = [0, 1].map(() => el('div', { class: 'plot' }));
    const titles = ['Time against channels (as many in as out)', 'Time against height and width'];
    this.#figures = hosts.map((host, i) => el('figure', {}, el('h3', {}, titles[i] ?? ''), host));
    this.element = el('div', { class: 'plots', hidden: '' }, ...this.#figures);
    this.#plots = hosts.map((host) => new Plot(host));
  }

  /** Hides the curves, which belong to another layer. */
  reset(): void {
    this.element.hidden = true;
    this.measure.refresh();
  }

  #curves(): readonly [Curve, Curve] {
    const problem = this.#problem();
    const curve = (axis: string, x: number[], at: (n: number) => Problem): Curve => {
      const kept = x.filter((n) => macsOf(at(n)) <= MAX_MACS);
      return { axis, x: kept, problems: kept.map(at) };
    };
    const channels = CHANNELS.filter((n) => n % problem.groups === 0);
    return [
      curve('channels', channels, (n) => ({ ...problem, ci: n, co: n })),
      curve('height and width', SIZES, (n) => ({ ...problem, h: n, w: n })),
    ];
  }

  async #measureCurves({ signal, report }: MeasureRun): Promise<void> {
    const curves = this.#curves();
    const total = curves.reduce((sum, { problems }) => sum + problems.length, 0);
    let done = 0;
    for (const [i, { axis, problems, x }] of curves.entries()) {
      const figure = this.#figures[i];
      if (figure) figure.hidden = problems.length === 0;
      if (problems.length === 0) continue;
      const measured: number[] = [];
      for (const [n, problem] of problems.entries()) {
        report(`Measuring ${++done} of ${total}: ${axis} ${x[n]}`);
        measured.push((await layers.time({ problem }, { signal })).milliseconds);
      }
      // Scale the dashed line to the largest problem, where the overhead of a call matters least.
      const last = problems.at(-1);
      const scale = last ? (measured.at(-1) ?? 0) / macsOf(last) : 0;
      this.element.hidden = false;
      this.#plots[i]?.show({
        title: `Time against ${axis}`,
        axis,
        x,
        measured,
        predicted: problems.map((problem) => macsOf(problem) * scale),
      });
    }
  }
}

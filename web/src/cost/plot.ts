import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatDuration } from '../shared/format';

export interface PlotOptions {
  title: string;
  /** Label of the x axis. */
  axis: string;
  x: readonly number[];
  measured: readonly number[];
  /** Times proportional to the multiply-adds, scaled to the last measurement. */
  predicted: readonly number[];
}

const HEIGHT = 260;

/** A log-log plot of times in milliseconds: a power law is a straight line. Follows the page's theme. */
export class Plot {
  readonly #host: HTMLElement;
  #plot: uPlot | null = null;
  #options: PlotOptions | null = null;

  constructor(host: HTMLElement) {
    this.#host = host;
    host.setAttribute('role', 'img');
    new ResizeObserver(() => this.#resize()).observe(host);
    new MutationObserver(() => this.#draw()).observe(document.documentElement, {
      attributeFilter: ['data-theme'],
    });
  }

  show(options: PlotOptions): void {
    this.#options = options;
    this.#draw();
  }

  #resize(): void {
    const width = this.#host.clientWidth;
    if (width > 0) this.#plot?.setSize({ width, height: HEIGHT });
  }

  #draw(): void {
    if (!this.#options) return;
    const { title, axis, x, measured, predicted } = this.#options;
    const style = getComputedStyle(this.#host);
    const font = `12px ${style.fontFamily}`;
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const text = colour('--muted');
    // Draw grid lines and ticks at powers of ten only.
    const onlyPowersOfTen = (_: uPlot, splits: number[]) =>
      splits.map((split) => (Number.isInteger(Math.log10(split)) ? split : null));
    const thin = { stroke: colour('--line'), width: 1 };
    const line = { stroke: text, font, labelFont: font };
    this.#plot?.destroy();
    this.#plot = new uPlot(
      {
        width: Math.max(this.#host.clientWidth, 200),
        height: HEIGHT,
        legend: { live: false },
        cursor: { show: false },
        scales: { x: { time: false, distr: 3, log: 2 }, y: { distr: 3, log: 10 } },
        axes: [
          {
            ...line,
            label: axis,
            grid: thin,
            ticks: thin,
            values: (_, ticks) => ticks.map(String),
          },
          {
            ...line,
            size: 68,
            grid: { ...thin, filter: onlyPowersOfTen },
            ticks: { ...thin, filter: onlyPowersOfTen },
            filter: onlyPowersOfTen,
            values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : formatDuration(tick))),
          },
        ],
        series: [
          {},
          {
            label: 'measured',
            stroke: colour('--accent'),
            width: 2,
            points: { show: true, size: 7, fill: colour('--accent') },
          },
          {
            label: 'multiply-adds alone',
            stroke: text,
            width: 1.5,
            dash: [5, 5],
            points: { show: false },
          },
        ],
      },
      [[...x], [...measured], [...predicted]],
      this.#host,
    );
    const points = x.map((value, i) => `${value}: ${formatDuration(measured[i] ?? Number.NaN)}`);
    this.#host.setAttribute('aria-label', `${title}. ${points.join(', ')}.`);
  }
}

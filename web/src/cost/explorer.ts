import { layers } from '../measure/layers';
import { MeasureButton, type MeasureRun } from '../measure/measure-button';
import type { Timing } from '../measure/messages';
import { macsOf, outputOf, type Problem, weightsOf } from '../measure/problem';
import { el, find } from '../shared/dom';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatInteger,
  formatShape,
  formatSignificant,
} from '../shared/format';
import type { Link } from '../shared/link';
import { Curves } from './curves';
import { LayerForm } from './layer-form';

const DEBOUNCE_MS = 200;

type Fact = readonly [name: string, value: string];

/** Plans and measures the layer that the visitor chooses. */
export async function mountExplorer(root: HTMLElement, link: Link): Promise<void> {
  new Explorer(root, link);
}

class Explorer {
  readonly #form: LayerForm;
  readonly #facts: HTMLElement;
  readonly #reason = el('p', { class: 'muted', id: 'cost-why' });
  readonly #doubleResult = el('p', { class: 'answer', role: 'status', id: 'cost-double' });
  readonly #layer: MeasureButton;
  readonly #double: MeasureButton;
  readonly #curves: Curves;
  #timer = 0;

  constructor(root: HTMLElement, link: Link) {
    let isMounted = false;
    this.#facts = find('.facts', root);
    this.#form = new LayerForm(link, () => isMounted && this.#onChange());
    this.#layer = new MeasureButton({
      label: () => (this.#reason.dataset.macs ? 'Repeat' : 'Measure it'),
      what: 'measuring the layer',
      estimate: () => layers.estimate([{ problem: this.#form.problem }]),
      measure: (run) => this.#measure(run),
    });
    this.#double = new MeasureButton({
      label: () => 'Double the channels',
      what: 'doubling the channels',
      kind: 'primary',
      estimate: () => layers.estimate(this.#doubled().map((problem) => ({ problem }))),
      measure: (run) => this.#measureDouble(run),
    });
    this.#curves = new Curves(() => this.#form.problem);
    const buttons = [this.#layer, this.#double, this.#curves.measure];
    root.replaceChildren(
      this.#form.element,
      this.#facts,
      el('div', { class: 'cost-reason' }, this.#reason, this.#layer.status),
      el(
        'div',
        { class: 'actions' },
        ...buttons.map(({ button }) => button),
        this.#double.status,
        this.#curves.measure.status,
      ),
      this.#doubleResult,
      this.#curves.element,
    );
    isMounted = true;
    this.#onChange();
  }

  /**
   * Shows what is known of the layer at once. Measures it when the sliders have not moved for
   * DEBOUNCE_MS, unless that takes so long that the visitor must ask for it.
   */
  #onChange(): void {
    clearTimeout(this.#timer);
    this.#showEstimate();
    this.#doubleResult.textContent = '';
    this.#layer.refresh();
    this.#double.refresh();
    this.#curves.reset();
    if (this.#layer.startsAlone) {
      this.#timer = setTimeout(() => void this.#layer.start(), DEBOUNCE_MS);
    } else if (!this.#layer.button.disabled) {
      this.#reason.textContent = 'Measuring this layer takes long, so it starts only on request.';
    }
  }

  #showEstimate(): void {
    const { problem } = this.#form;
    const time = Number(layers.estimateRun({ problem }).toPrecision(2));
    this.#show(problem, [
      ['Time, estimated', `about ${formatDuration(time)}`],
      ['Speed', '–'],
      ['Algorithm', '–'],
    ]);
    delete this.#reason.dataset.macs;
    this.#reason.textContent = '';
  }

  async #measure({ signal }: MeasureRun): Promise<void> {
    const { problem } = this.#form;
    this.#showTiming(problem, await layers.time({ problem }, { signal }));
    this.#double.update();
    this.#curves.measure.update();
  }

  #showTiming(problem: Problem, timing: Timing): void {
    const { macs, milliseconds, algorithm, description, weightBytes, workspaceBytes } = timing;
    this.#show(problem, [
      ['Time here', formatDuration(milliseconds)],
      ['Speed', `${formatSignificant((2 * macs) / (milliseconds * 1e6))} GFLOP/s`],
      ['Algorithm', algorithm],
    ]);
    const reason = /algorithm: (.*)/.exec(description)?.[1] ?? description;
    this.#reason.textContent = `The plan says: ${reason}. Packed weights: ${formatBytes(weightBytes)}; workspace: ${formatBytes(workspaceBytes)}.`;
    this.#reason.dataset.macs = String(macs);
  }

  #show(problem: Problem, timing: readonly Fact[]): void {
    const output = outputOf(problem);
    const { h, w, ci, co } = problem;
    const elements = ci * h * w + co * output[0] * output[1];
    const facts: readonly Fact[] = [
      ['Output', formatShape([co, ...output])],
      ['Multiply-adds', formatCount(macsOf(problem))],
      ['Parameters', formatInteger(weightsOf(problem))],
      ['Input and output', formatBytes(4 * elements)],
      ...timing,
    ];
    this.#facts.replaceChildren(
      ...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
    );
  }

  /** The layer, and the same layer with twice the channels: the chapter's third exercise. */
  #doubled(): readonly [Problem, Problem] {
    const { problem } = this.#form;
    return [problem, { ...problem, ci: 2 * problem.ci, co: 2 * problem.co }];
  }

  async #measureDouble({ signal }: MeasureRun): Promise<void> {
    this.#doubleResult.textContent = '';
    const [problem, doubled] = this.#doubled();
    const before = await layers.time({ problem }, { signal });
    const after = await layers.time({ problem: doubled }, { signal });
    const ratio = formatSignificant(after.milliseconds / before.milliseconds);
    const explanation =
      problem.groups === 1
        ? 'twice as many output channels each see twice as many input channels'
        : 'the number of groups stays the same';
    this.#doubleResult.textContent = `${problem.ci}→${problem.co}: ${formatDuration(before.milliseconds)}. ${doubled.ci}→${doubled.co}: ${formatDuration(after.milliseconds)}, which is ${ratio} times as long for ${formatSignificant(after.macs / before.macs)} times the multiply-adds: ${explanation}.`;
  }
}

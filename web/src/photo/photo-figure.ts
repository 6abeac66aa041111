import type { Corr2d, Tensor } from 'corr2d';
import { Verdict } from '../shared/check';
import { button, el, find } from '../shared/dom';
import { formatInteger } from '../shared/format';
import type { Link } from '../shared/link';
import { type Results, runLayer, sliceOf } from './layer';
import { ChannelSwitch, COLOURS, KernelCell, WeightCell } from './parts';
import { createPicture, draw, drawGrey, drawTinted } from './photograph';
import type { Choice, Scene } from './scenes';
import { editedChoice, formatState, initialState, parseState, type State } from './state';

interface Row {
  readonly cells: readonly (KernelCell | WeightCell)[];
  readonly result: HTMLCanvasElement;
}

/**
 * A convolution of the photograph as a matrix: a column for each colour channel, a row for each output, a
 * slice of the kernel in every cell, and the outputs at the right. Each channel can be switched off.
 */
export class PhotoFigure {
  readonly #c: Corr2d;
  readonly #X: Tensor;
  readonly #scene: Scene;
  readonly #link: Link;
  readonly #key: string;
  readonly #verdict: Verdict;
  readonly #switches: readonly ChannelSwitch[];
  readonly #rows: readonly Row[];
  readonly #choices: readonly HTMLButtonElement[];
  readonly #note = el('p', { class: 'photo-note', role: 'status' });
  /** The name of the sum, with its gain. */
  readonly #sumName = el('span', {}, 'Sum');
  readonly #colour = createPicture({ role: 'img', 'aria-label': 'The outputs as one picture' });
  readonly #matrix: HTMLElement;
  #state: State;

  constructor(figure: HTMLElement, scene: Scene, c: Corr2d, X: Tensor, link: Link) {
    this.#c = c;
    this.#X = X;
    this.#scene = scene;
    this.#link = link;
    this.#key = figure.id;
    this.#state = initialState(scene);
    this.#verdict = new Verdict(figure);
    this.#switches = COLOURS.map((_, input) => new ChannelSwitch(input, () => this.#toggle(input)));
    this.#rows = scene.outputs.map((name, output) => this.#createRow(name, output));
    this.#choices = scene.choices.map((choice) =>
      button(choice.name, () => this.#change({ ...this.#state, choice })),
    );
    this.#matrix = this.#createMatrix();
    // Do this before the status is in the document, so that screen readers do not announce it.
    this.#restore();
    const body = find('.photo-body', figure);
    body.replaceChildren(
      this.#matrix,
      el('div', { class: 'photo-foot' }, this.#note, this.#verdict.element),
    );
    this.#switches.forEach(({ canvas }, input) => {
      drawTinted(c, canvas, X, input);
    });
    link.onOpen(() => this.#restore());
  }

  #createRow(name: string, output: number): Row {
    const { hasPartials = false, isColour = false } = this.#scene;
    const label = name.toLowerCase();
    return {
      cells: COLOURS.map((_, input) =>
        isColour
          ? new WeightCell(label, input, (weight) => this.#edit(output, input, weight))
          : new KernelCell(label, input, hasPartials),
      ),
      result: createPicture({ role: 'img', 'aria-label': `Result: ${label}` }),
    };
  }

  #createMatrix(): HTMLElement {
    const { outputs, choose, hasPartials, isColour } = this.#scene;
    const source = el('div', { class: 'photo-source' });
    const image = find<HTMLImageElement>('#photo-start img');
    // The first figure holds the image from the start.
    source.append(
      this.#key === 'photo-start'
        ? image
        : el('img', { src: image.src, alt: image.alt, width: '240', height: '160' }),
      ...(hasPartials ? [el('span', { class: 'label' }, 'Photograph')] : []),
    );
    const choices = el(
      'div',
      { class: 'choices', role: 'group', 'aria-label': choose },
      ...this.#choices,
    );
    const choice = el(
      'div',
      { class: 'photo-choices' },
      ...(hasPartials ? [el('span', { class: 'label', 'aria-hidden': 'true' }, choose)] : []),
      choices,
    );
    choice.hidden = this.#choices.length < 2;
    const head = [source, ...this.#switches.map(({ element }) => element)];
    const rows = this.#rows.flatMap(({ cells, result }, output) => [
      hasPartials ? choice : el('div', { class: 'photo-label' }, outputs[output] ?? ''),
      ...cells.map(({ element }) => element),
      el(
        'div',
        { class: 'photo-result', ...(isColour && { 'data-colour': COLOURS[output] ?? '' }) },
        ...(hasPartials ? [this.#sumName] : []),
        el('div', { class: 'photo-picture', 'data-operator': '=' }, result),
      ),
    ]);
    return el(
      'div',
      { class: `photo-matrix ${hasPartials ? 'photo-split' : 'photo-rows'}` },
      ...(hasPartials ? [] : [choice]),
      ...head,
      ...rows,
      ...(isColour
        ? [el('div', { class: 'photo-colour' }, el('span', {}, 'As one picture'), this.#colour)]
        : []),
    );
  }

  #toggle(input: number): void {
    const isOn = this.#state.isOn.map((value, i) => (i === input ? !value : value));
    this.#change({ ...this.#state, isOn });
  }

  #edit(output: number, input: number, weight: number): void {
    const weights = this.#state.choice.weights.map((kernel, o) =>
      kernel.map((slice, i) => (o === output && i === input ? [[weight]] : slice)),
    );
    this.#change({ ...this.#state, choice: editedChoice(weights) });
  }

  #change(state: State): void {
    this.#state = state;
    this.#link.set(this.#key, formatState(this.#scene, state));
    this.#show();
  }

  #restore(): void {
    this.#state = parseState(this.#scene, this.#link.get(this.#key));
    this.#show();
  }

  #show(): void {
    const { choice, isOn } = this.#state;
    this.#choices.forEach((chosen, i) => {
      chosen.setAttribute('aria-pressed', String(this.#scene.choices[i] === choice));
    });
    this.#switches.forEach((channel, input) => {
      channel.isOn = isOn[input] ?? true;
    });
    this.#showKernels(choice, isOn);
    this.#note.textContent = choice.note;
    runLayer(this.#c, this.#X, choice, isOn, this.#scene.hasPartials ?? false, (results) =>
      this.#showResults(results),
    );
  }

  #showKernels(choice: Choice, isOn: readonly boolean[]): void {
    this.#rows.forEach(({ cells }, output) => {
      const slices = cells.map((_, input) => sliceOf(choice, output, input));
      const strongest = Math.max(...slices.flatMap((slice) => slice?.flat().map(Math.abs) ?? []));
      cells.forEach((cell, input) => {
        cell.show(slices[input] ?? null, strongest);
        cell.element.toggleAttribute('data-off', !isOn[input]);
      });
    });
  }

  #showResults({ sums, partials, comparison }: Results): void {
    const { limit, gain = 1 } = this.#state.choice;
    this.#sumName.textContent = gain === 1 ? 'Sum' : `Sum, gain ${gain}`;
    this.#rows.forEach(({ cells, result }, output) => {
      if (this.#scene.isColour) drawTinted(this.#c, result, sums, output);
      else drawGrey(this.#c, result, sums, output, limit / gain);
      cells.forEach(({ canvas }, input) => {
        if (canvas && partials) drawGrey(this.#c, canvas, partials, input, limit);
      });
    });
    if (this.#scene.isColour) draw(this.#colour, this.#c.toImageData(sums));
    const { total, withinBound, largestBound } = comparison;
    // If every channel is off, the results must be exactly zero, and so are the bounds.
    const isZero = !this.#state.isOn.some(Boolean);
    const holds = total === withinBound && (largestBound > 0 || isZero);
    this.#verdict.show(
      holds ? 'match' : 'mismatch',
      `${holds ? '' : `${formatInteger(withinBound)} of `}${formatInteger(total)} values match plain loops`,
    );
  }
}

import { joinNumbers, type Link, parseNumbers } from '../shared/link';
import { type WindowSum, windowSum } from '../shared/oracle';
import { CHAPTER, isValid, NAMES, type Settings } from './settings';

/** Channels × rows × columns. */
export type Cube = number[][][];

const cube = (
  depth: number,
  size: number,
  value: (d: number, i: number, j: number) => number,
): Cube =>
  Array.from({ length: depth }, (_, d) =>
    Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => value(d, i, j))),
  );

/** The chapter's input, continued for more channels and other sizes. */
const defaultInput = ({ inputs, size }: Settings): Cube =>
  cube(inputs, size, (c, i, j) => c + i * size + j);

/** The chapter's kernel, continued for more channels and other sizes. */
const defaultKernel = ({ inputs, outputs, kernel }: Settings): Cube[] =>
  Array.from({ length: outputs }, (_, o) =>
    cube(inputs, kernel, (c, a, b) => o + c + a * kernel + b),
  );

const joinSettings = (settings: Settings): string =>
  joinNumbers(NAMES.map((name) => settings[name]));

/** The state of Fig. 1: the settings, the input (inputs×size×size) and the kernel (outputs×inputs×kernel×kernel). */
export class WindowsModel {
  #settings: Settings = CHAPTER;
  #input: Cube = defaultInput(CHAPTER);
  #kernel: Cube[] = defaultKernel(CHAPTER);

  get settings(): Settings {
    return this.#settings;
  }

  /** Changes the settings and resets all numbers to their defaults. */
  applySettings(settings: Settings): void {
    this.#settings = { ...settings };
    this.#input = defaultInput(settings);
    this.#kernel = defaultKernel(settings);
  }

  get input(): Cube {
    return this.#input;
  }

  get kernel(): Cube[] {
    return this.#kernel;
  }

  get isChapter(): boolean {
    return (
      joinSettings(this.#settings) === joinSettings(CHAPTER) &&
      !this.#isInputChanged &&
      !this.#isKernelChanged
    );
  }

  /** Restores the state of a link. Invalid values are replaced by the chapter's. */
  restore(link: Link): void {
    const numbers = parseNumbers(link.get('fig'), NAMES.length);
    const linked = numbers
      ? (Object.fromEntries(NAMES.map((name, i) => [name, numbers[i]])) as unknown as Settings)
      : CHAPTER;
    this.applySettings(isValid(linked) ? linked : CHAPTER);
    const { inputs, size, outputs, kernel } = this.#settings;
    const input = parseNumbers(link.get('fig-x'), inputs * size * size);
    if (input) this.#input = cube(inputs, size, (c, i, j) => input[(c * size + i) * size + j] ?? 0);
    const weights = parseNumbers(link.get('fig-k'), outputs * inputs * kernel * kernel);
    if (weights) {
      this.#kernel = Array.from({ length: outputs }, (_, o) =>
        cube(
          inputs,
          kernel,
          (c, a, b) => weights[((o * inputs + c) * kernel + a) * kernel + b] ?? 0,
        ),
      );
    }
  }

  /** Saves in the link what differs from the chapter's figure. */
  save(link: Link): void {
    link.set('fig', this.isChapter ? null : joinSettings(this.#settings));
    link.set('fig-x', this.#isInputChanged ? joinNumbers(this.#input.flat(2)) : null);
    link.set('fig-k', this.#isKernelChanged ? joinNumbers(this.#kernel.flat(3)) : null);
  }

  /** Input position of the kernel element `offset` in the window at `output`, along one axis. */
  inputPosition(output: number, offset: number): number {
    const { stride, padding, dilation } = this.#settings;
    return output * stride - padding + offset * dilation;
  }

  /** An element of the input; 0 in the padding. */
  sample(channel: number, row: number, column: number): number {
    return this.#input[channel]?.[row]?.[column] ?? 0;
  }

  /** The oracle's value of an output element. */
  oracle(output: number, row: number, column: number): WindowSum {
    const sample = (c: number, i: number, j: number) => this.sample(c, i, j);
    return windowSum(sample, this.#kernel[output] ?? [], row, column, this.#settings);
  }

  /** The oracle's partial sum of one input channel. */
  channelOracle(output: number, channel: number, row: number, column: number): WindowSum {
    const sample = (_: number, i: number, j: number) => this.sample(channel, i, j);
    const kernel = [this.#kernel[output]?.[channel] ?? []];
    return windowSum(sample, kernel, row, column, this.#settings);
  }

  get #isInputChanged(): boolean {
    const defaults = defaultInput(this.#settings).flat(2);
    return joinNumbers(this.#input.flat(2)) !== joinNumbers(defaults);
  }

  get #isKernelChanged(): boolean {
    const defaults = defaultKernel(this.#settings).flat(3);
    return joinNumbers(this.#kernel.flat(3)) !== joinNumbers(defaults);
  }
}

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
const defaultInput = ({ size }: Settings, [c, i, j]: readonly number[]): number =>
  (c ?? 0) + (i ?? 0) * size + (j ?? 0);

/** The chapter's kernels K, K + 1 and K + 2, continued for more channels and other sizes. */
const defaultKernel = ({ kernel }: Settings, [o, c, a, b]: readonly number[]): number =>
  (o ?? 0) + (c ?? 0) + (a ?? 0) * kernel + (b ?? 0);

const joinSettings = (settings: Settings): string =>
  joinNumbers(NAMES.map((name) => settings[name]));

/**
 * The state of a figure: the settings, the input (inputs×size×size) and the kernel
 * (outputs×inputs×kernel×kernel). Edited numbers are kept by their position: they survive a change of the
 * settings wherever they still fit.
 */
export class WindowsModel {
  readonly #start: Settings;
  readonly #key: string;
  #settings: Settings;
  #input: Cube = [];
  #kernel: Cube[] = [];
  /** Edited numbers by position, such as '0,1,2'. */
  readonly #inputEdits = new Map<string, number>();
  readonly #kernelEdits = new Map<string, number>();

  /** `start` are the settings without a link; `key` is the name of the figure in links. */
  constructor(start: Settings, key: string) {
    this.#start = start;
    this.#key = key;
    this.#settings = start;
    this.#rebuild();
  }

  get settings(): Settings {
    return this.#settings;
  }

  get input(): Cube {
    return this.#input;
  }

  get kernel(): Cube[] {
    return this.#kernel;
  }

  applySettings(settings: Settings): void {
    this.#settings = { ...settings };
    this.#rebuild();
  }

  /** Applies settings without any edited numbers. */
  reset(settings: Settings): void {
    this.#inputEdits.clear();
    this.#kernelEdits.clear();
    this.applySettings(settings);
  }

  editInput(channel: number, row: number, column: number, value: number): void {
    this.#inputEdits.set([channel, row, column].join(), value);
    this.#rebuild();
  }

  editKernel(output: number, input: number, row: number, column: number, value: number): void {
    this.#kernelEdits.set([output, input, row, column].join(), value);
    this.#rebuild();
  }

  /** Whether the figure shows the chapter's numbers, with any number of output channels. */
  get isChapter(): boolean {
    const { outputs } = this.#settings;
    return (
      joinSettings(this.#settings) === joinSettings({ ...CHAPTER, outputs }) &&
      !this.#isInputChanged &&
      !this.#isKernelChanged
    );
  }

  /** Restores the state of a link. Invalid values are replaced by those of the start. */
  restore(link: Link): void {
    const numbers = parseNumbers(link.get(this.#key), NAMES.length);
    const linked = numbers
      ? (Object.fromEntries(NAMES.map((name, i) => [name, numbers[i]])) as unknown as Settings)
      : this.#start;
    this.reset(isValid(linked) ? linked : this.#start);
    const { inputs, size, outputs, kernel } = this.#settings;
    const input = parseNumbers(link.get(`${this.#key}-x`), inputs * size * size);
    input?.forEach((value, n) => {
      const place = [Math.floor(n / size / size), Math.floor(n / size) % size, n % size];
      this.#inputEdits.set(place.join(), value);
    });
    const area = kernel * kernel;
    const weights = parseNumbers(link.get(`${this.#key}-k`), outputs * inputs * area);
    weights?.forEach((value, n) => {
      const slice = Math.floor(n / area);
      const place = [Math.floor(slice / inputs), slice % inputs];
      this.#kernelEdits.set([...place, Math.floor(n / kernel) % kernel, n % kernel].join(), value);
    });
    this.#rebuild();
  }

  /** Saves in the link what differs from the start. */
  save(link: Link): void {
    const isStart = joinSettings(this.#settings) === joinSettings(this.#start);
    const [isInputChanged, isKernelChanged] = [this.#isInputChanged, this.#isKernelChanged];
    // The edited numbers are meaningless without the settings.
    const hasSettings = !isStart || isInputChanged || isKernelChanged;
    link.set(this.#key, hasSettings ? joinSettings(this.#settings) : null);
    link.set(`${this.#key}-x`, isInputChanged ? joinNumbers(this.#input.flat(2)) : null);
    link.set(`${this.#key}-k`, isKernelChanged ? joinNumbers(this.#kernel.flat(3)) : null);
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

  /** The oracle's partial result of one input channel. */
  channelOracle(output: number, channel: number, row: number, column: number): WindowSum {
    const sample = (_: number, i: number, j: number) => this.sample(channel, i, j);
    const kernel = [this.#kernel[output]?.[channel] ?? []];
    return windowSum(sample, kernel, row, column, this.#settings);
  }

  /** Computes the input and the kernel from the settings and the edited numbers. */
  #rebuild(): void {
    const { inputs, size, outputs, kernel } = this.#settings;
    this.#input = cube(
      inputs,
      size,
      (...place) => this.#inputEdits.get(place.join()) ?? defaultInput(this.#settings, place),
    );
    this.#kernel = Array.from({ length: outputs }, (_, o) =>
      cube(inputs, kernel, (...place) => {
        const position = [o, ...place];
        return this.#kernelEdits.get(position.join()) ?? defaultKernel(this.#settings, position);
      }),
    );
  }

  get #isInputChanged(): boolean {
    const { inputs, size } = this.#settings;
    const defaults = cube(inputs, size, (...place) => defaultInput(this.#settings, place));
    return joinNumbers(this.#input.flat(2)) !== joinNumbers(defaults.flat(2));
  }

  get #isKernelChanged(): boolean {
    const { inputs, outputs, kernel } = this.#settings;
    const defaults = Array.from({ length: outputs }, (_, o) =>
      cube(inputs, kernel, (...place) => defaultKernel(this.#settings, [o, ...place])),
    );
    return joinNumbers(this.#kernel.flat(3)) !== joinNumbers(defaults.flat(3));
  }
}

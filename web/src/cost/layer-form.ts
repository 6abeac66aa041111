import type { Problem } from '../measure/problem';
import { el } from '../shared/dom';
import { joinNumbers, type Link, parseNumbers } from '../shared/link';
import { Slider } from '../shared/slider';

type Name = 'h' | 'w' | 'k' | 'ci' | 'co' | 'stride' | 'groups';

const LABELS: Readonly<Record<Name, string>> = {
  h: 'Height h',
  w: 'Width w',
  k: 'Kernel k×k',
  ci: 'Channels in',
  co: 'Channels out',
  stride: 'Stride',
  groups: 'Groups',
};
const NAMES = Object.keys(LABELS) as Name[];

const SIZES = [7, 14, 28, 56, 112, 224];
const CHANNELS = [1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512];
const DEFAULTS: Readonly<Record<Name, number>> = {
  h: 56,
  w: 56,
  k: 3,
  ci: 64,
  co: 64,
  stride: 1,
  groups: 1,
};

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** The valid values of a setting, given the other settings. */
function allowedValues(values: Readonly<Record<Name, number>>, name: Name): number[] {
  switch (name) {
    case 'h':
    case 'w':
      return SIZES;
    case 'ci':
    case 'co':
      return CHANNELS;
    case 'k':
      return [1, 3, 5, 7];
    case 'stride':
      return [1, 2, 3, 4];
    case 'groups': {
      const common = gcd(values.ci, values.co);
      return Array.from({ length: common }, (_, i) => i + 1).filter((g) => common % g === 0);
    }
  }
}

/** The sliders that define a layer. Each slider offers valid values only. */
export class LayerForm {
  readonly element = el('div', { class: 'sliders' });
  readonly #sliders = new Map<Name, Slider>();
  readonly #link: Link;
  readonly #onChange: () => void;
  #values = { ...DEFAULTS };

  constructor(link: Link, onChange: () => void) {
    this.#link = link;
    this.#onChange = onChange;
    for (const name of NAMES) {
      const slider = new Slider({
        label: LABELS[name],
        min: 0,
        max: 1,
        value: 0,
        format: (index) => String(allowedValues(this.#values, name)[index] ?? ''),
        onInput: (index) =>
          this.#setValues({ ...this.#values, [name]: allowedValues(this.#values, name)[index] }),
      });
      slider.input.dataset.setting = name;
      this.#sliders.set(name, slider);
      this.element.append(slider.element);
    }
    link.onOpen(() => this.#restore());
    this.#restore();
  }

  get problem(): Problem {
    return { ...this.#values, padding: (this.#values.k - 1) / 2 };
  }

  #restore(): void {
    const numbers = parseNumbers(this.#link.get('cost'), NAMES.length);
    const values = { ...DEFAULTS };
    NAMES.forEach((name, i) => {
      const value = numbers?.[i];
      if (value !== undefined && allowedValues(values, name).includes(value)) values[name] = value;
    });
    this.#setValues(values);
  }

  #setValues(values: Record<Name, number>): void {
    this.#values = values;
    if (!allowedValues(values, 'groups').includes(values.groups)) this.#values.groups = 1;
    for (const [name, slider] of this.#sliders) {
      const list = allowedValues(this.#values, name);
      slider.set({ min: 0, max: list.length - 1, value: list.indexOf(this.#values[name]) });
    }
    const serialise = (of: Readonly<Record<Name, number>>) =>
      joinNumbers(NAMES.map((name) => of[name]));
    this.#link.set(
      'cost',
      serialise(this.#values) === serialise(DEFAULTS) ? null : serialise(this.#values),
    );
    this.#onChange();
  }
}

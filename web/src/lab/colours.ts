import type { Corr2d, Tensor } from 'corr2d';
import { button, el } from '../shared/dom';
import { numbersFrom, numbersTo } from '../shared/link';
import { Slider } from '../shared/slider';
import { Layer } from './layer';
import { LUMA, type Mode, type OnChange } from './mode';
import { Numbers } from './numbers';
import { Tile, UNIT } from './tile';

/** 3×3, and what is added to each output. */
interface Mixture {
  name: string;
  matrix: readonly (readonly number[])[];
  offset: readonly number[];
}

const NONE = [0, 0, 0];

/** Turns every colour about the axis of the greys, by degrees. */
function rotation(degrees: number): number[][] {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const third = (1 - cos) / 3;
  const turn = sin / Math.sqrt(3);
  return [
    [cos + third, third - turn, third + turn],
    [third + turn, cos + third, third - turn],
    [third - turn, third + turn, cos + third],
  ];
}

const PRESETS: readonly Mixture[] = [
  { name: 'Grey', matrix: [LUMA, LUMA, LUMA], offset: NONE },
  {
    name: 'Sepia',
    matrix: [
      [0.393, 0.769, 0.189],
      [0.349, 0.686, 0.168],
      [0.272, 0.534, 0.131],
    ],
    offset: NONE,
  },
  { name: 'Rotation', matrix: rotation(120), offset: NONE },
  {
    name: 'YCbCr',
    matrix: [LUMA, [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]],
    offset: [0, 0.5, 0.5],
  },
  {
    name: 'Unchanged',
    matrix: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    offset: NONE,
  },
];

const FIRST = PRESETS[1] as Mixture;
const OUTPUTS = ['Output 0', 'Output 1', 'Output 2'];

/** (b): a 1×1 layer, three colours in and three out. */
export function coloursMode(c: Corr2d, onChange: OnChange): Mode {
  let mixture: Pick<Mixture, 'matrix' | 'offset'> = FIRST;
  const asWeights = (matrix: Mixture['matrix']) => matrix.map((line) => line.map((w) => [[w]]));
  const layer = new Layer(c, asWeights(mixture.matrix));
  const picture = new Tile('Mixed picture', 'large');
  const channels = OUTPUTS.map((name) => new Tile(name));

  const apply = () => layer.setWeights(asWeights(mixture.matrix), mixture.offset);
  const take = (taken: Pick<Mixture, 'matrix' | 'offset'>) => {
    mixture = taken;
    apply();
    matrix.values = taken.matrix;
    offset.values = taken.offset.map((value) => [value]);
    presets.forEach((preset, i) => {
      const own = PRESETS[i] as Mixture;
      const same = numbersTo([...own.matrix.flat(), ...own.offset]) === saved();
      preset.setAttribute('aria-pressed', String(same || (own.name === 'Rotation' && turning)));
    });
  };
  const saved = () => numbersTo([...mixture.matrix.flat(), ...mixture.offset]);
  const edit = () => {
    turning = false;
    take({ matrix: matrix.values, offset: offset.values.map(([value]) => value ?? 0) });
    angle.element.hidden = true;
    onChange();
  };
  const matrix = new Numbers({
    label: 'Colour matrix',
    rows: ['red out', 'green out', 'blue out'],
    columns: ['red', 'green', 'blue'],
    showNames: true,
    onChange: edit,
  });
  const offset = new Numbers({
    label: 'Bias',
    rows: ['red out', 'green out', 'blue out'],
    columns: ['bias'],
    onChange: edit,
  });
  let turning = false;
  const angle = new Slider({
    label: 'Angle',
    min: 0,
    max: 360,
    value: 120,
    format: (value) => `${value}°`,
    onInput: (value) => {
      turning = true;
      take({ matrix: rotation(value), offset: NONE });
      onChange();
    },
  });
  const presets = PRESETS.map((preset) =>
    button(preset.name, () => {
      turning = preset.name === 'Rotation';
      angle.element.hidden = !turning;
      take(turning ? { matrix: rotation(angle.value), offset: NONE } : preset);
      onChange();
    }),
  );
  angle.element.hidden = true;
  take(FIRST);

  return {
    id: 'colours',
    label: 'Colours, 1×1',
    element: el(
      'div',
      { class: 'mode mode-colours' },
      el(
        'div',
        { class: 'mode-edit' },
        el(
          'p',
          { class: 'note' },
          'A 1×1 layer is a 3×3 matrix that mixes the colours of each pixel. With the right numbers it has a meaning that everybody knows.',
        ),
        el('div', { class: 'choices', role: 'group', 'aria-label': 'Matrices' }, ...presets),
        angle.element,
        el(
          'div',
          { class: 'mode-numbers' },
          matrix.element,
          el('span', { class: 'operator' }, '+'),
          offset.element,
        ),
      ),
      el('div', { class: 'tiles' }, picture.element),
      el('div', { class: 'tiles three' }, ...channels.map((tile) => tile.element)),
    ),
    run(X: Tensor, live: boolean) {
      const Y = layer.run(X);
      if (picture.isWanted(live)) picture.draw(c.toImageData(Y));
      channels.forEach((tile, i) => {
        tile.drawChannel(c, Y, i, UNIT, live);
      });
    },
    save: () => (saved() === numbersTo([...FIRST.matrix.flat(), ...FIRST.offset]) ? null : saved()),
    restore(text) {
      const numbers = numbersFrom(text, 12);
      if (!numbers) return;
      take({
        matrix: [0, 3, 6].map((at) => numbers.slice(at, at + 3)),
        offset: numbers.slice(9),
      });
    },
  };
}

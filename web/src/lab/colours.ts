import type { Corr2d, Tensor } from 'corr2d';
import { button, el } from '../shared/dom';
import { joinNumbers, parseNumbers } from '../shared/link';
import { Slider } from '../shared/slider';
import { Layer } from './layer';
import { LUMA, type Mode, type OnChange } from './mode';
import { NumberTable } from './number-table';
import { PictureTile, UNIT_RANGE } from './tile';

/** A 3×3 colour matrix and the bias of each output. */
interface Mixture {
  name: string;
  matrix: readonly (readonly number[])[];
  offset: readonly number[];
}

const ZERO_BIAS = [0, 0, 0];

/** The matrix that rotates colours about the grey axis. */
function rotation(degrees: number): number[][] {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const third = (1 - cos) / 3;
  const skew = sin / Math.sqrt(3);
  return [
    [cos + third, third - skew, third + skew],
    [third + skew, cos + third, third - skew],
    [third - skew, third + skew, cos + third],
  ];
}

const PRESETS: readonly Mixture[] = [
  { name: 'Grey', matrix: [LUMA, LUMA, LUMA], offset: ZERO_BIAS },
  {
    name: 'Sepia',
    matrix: [
      [0.393, 0.769, 0.189],
      [0.349, 0.686, 0.168],
      [0.272, 0.534, 0.131],
    ],
    offset: ZERO_BIAS,
  },
  { name: 'Rotation', matrix: rotation(120), offset: ZERO_BIAS },
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
    offset: ZERO_BIAS,
  },
];

const INITIAL = PRESETS[1] as Mixture;
const OUTPUTS = ['Output 0', 'Output 1', 'Output 2'];

/** The second mode: a 1×1 layer from three colours to three colours. */
export function coloursMode(c: Corr2d, onChange: OnChange): Mode {
  let mixture: Pick<Mixture, 'matrix' | 'offset'> = INITIAL;
  const asWeights = (matrix: Mixture['matrix']) => matrix.map((row) => row.map((w) => [[w]]));
  const layer = new Layer(c, asWeights(mixture.matrix));
  const picture = new PictureTile('Mixed picture', 'large');
  const channels = OUTPUTS.map((name) => new PictureTile(name));

  const apply = () => layer.setWeights(asWeights(mixture.matrix), mixture.offset);
  const setMixture = (newMixture: Pick<Mixture, 'matrix' | 'offset'>) => {
    mixture = newMixture;
    apply();
    matrix.values = newMixture.matrix;
    offset.values = newMixture.offset.map((value) => [value]);
    presets.forEach((preset, i) => {
      const candidate = PRESETS[i] as Mixture;
      const isSame = joinNumbers([...candidate.matrix.flat(), ...candidate.offset]) === serialise();
      preset.setAttribute(
        'aria-pressed',
        String(isSame || (candidate.name === 'Rotation' && isRotating)),
      );
    });
  };
  const serialise = () => joinNumbers([...mixture.matrix.flat(), ...mixture.offset]);
  const edit = () => {
    isRotating = false;
    setMixture({ matrix: matrix.values, offset: offset.values.map(([value]) => value ?? 0) });
    angle.element.hidden = true;
    onChange();
  };
  const matrix = new NumberTable({
    label: 'Colour matrix',
    rows: ['red out', 'green out', 'blue out'],
    columns: ['red', 'green', 'blue'],
    showNames: true,
    onChange: edit,
  });
  const offset = new NumberTable({
    label: 'Bias',
    rows: ['red out', 'green out', 'blue out'],
    columns: ['bias'],
    onChange: edit,
  });
  let isRotating = false;
  const angle = new Slider({
    label: 'Angle',
    min: 0,
    max: 360,
    value: 120,
    format: (value) => `${value}°`,
    onInput: (value) => {
      isRotating = true;
      setMixture({ matrix: rotation(value), offset: ZERO_BIAS });
      onChange();
    },
  });
  const presets = PRESETS.map((preset) =>
    button(preset.name, () => {
      isRotating = preset.name === 'Rotation';
      angle.element.hidden = !isRotating;
      setMixture(isRotating ? { matrix: rotation(angle.value), offset: ZERO_BIAS } : preset);
      onChange();
    }),
  );
  angle.element.hidden = true;
  setMixture(INITIAL);

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
          'A 1×1 layer is a 3×3 matrix that mixes the colours of each pixel. With the right numbers, it gives familiar effects.',
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
      if (picture.needsDrawing(live)) picture.draw(c.toImageData(Y));
      channels.forEach((tile, i) => {
        tile.drawChannel(c, Y, i, UNIT_RANGE, live);
      });
    },
    save: () =>
      serialise() === joinNumbers([...INITIAL.matrix.flat(), ...INITIAL.offset])
        ? null
        : serialise(),
    restore(text) {
      const numbers = parseNumbers(text, 12);
      if (!numbers) return;
      setMixture({
        matrix: [0, 3, 6].map((at) => numbers.slice(at, at + 3)),
        offset: numbers.slice(9),
      });
    },
  };
}

import type { Corr2d, Tensor } from 'corr2d';
import { IDENTITY, LUMA, SEPIA } from '../../shared/colour-kernels';
import { button, el } from '../../shared/dom';
import { joinNumbers, parseNumbers } from '../../shared/link';
import { Slider } from '../../shared/slider';
import { PictureTile, UNIT_RANGE } from '../picture-tile';
import { Layer } from './layer';
import type { Mode, OnChange } from './mode';
import { NumberTable } from './number-table';

/** A 1×1 layer: a 3×3 colour matrix and the bias of each output. */
interface Mixture {
  matrix: readonly (readonly number[])[];
  bias: readonly number[];
}

const ZERO_BIAS = [0, 0, 0];
const ROTATION = 'Rotation';

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

const INITIAL: Mixture = { matrix: SEPIA, bias: ZERO_BIAS };

const PRESETS: ReadonlyMap<string, Mixture> = new Map([
  ['Grey', { matrix: [LUMA, LUMA, LUMA], bias: ZERO_BIAS }],
  ['Sepia', INITIAL],
  [ROTATION, { matrix: rotation(120), bias: ZERO_BIAS }],
  [
    'YCbCr',
    {
      matrix: [LUMA, [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]],
      bias: [0, 0.5, 0.5],
    },
  ],
  ['Unchanged', { matrix: IDENTITY, bias: ZERO_BIAS }],
]);

const serialise = ({ matrix, bias }: Mixture): string => joinNumbers([...matrix.flat(), ...bias]);

/** The second mode: a 1×1 layer from three colours to three colours. */
export function coloursMode(c: Corr2d, onChange: OnChange): Mode {
  let mixture = INITIAL;
  let isRotating = false;
  const layer = new Layer(c, []);
  const picture = new PictureTile('Mixed picture', { kind: 'large' });
  const channels = ['Red out', 'Green out', 'Blue out'].map((name) => new PictureTile(name));
  const table = new NumberTable({
    label: 'Weights',
    rows: ['red out', 'green out', 'blue out'],
    columns: ['Red', 'Green', 'Blue', 'Bias'],
    showNames: true,
    digits: 6,
    onChange: () => {
      isRotating = false;
      const { values } = table;
      apply({
        matrix: values.map((row) => row.slice(0, 3)),
        bias: values.map((row) => row[3] ?? 0),
      });
      onChange();
    },
  });
  const angle = new Slider({
    label: 'Angle',
    min: 0,
    max: 360,
    value: 120,
    format: (value) => `${value}°`,
    onInput: (value) => {
      apply({ matrix: rotation(value), bias: ZERO_BIAS });
      onChange();
    },
  });
  const presets = [...PRESETS].map(([name, preset]) => ({
    name,
    preset,
    button: button(name, () => {
      isRotating = name === ROTATION;
      apply(isRotating ? { matrix: rotation(angle.value), bias: ZERO_BIAS } : preset);
      onChange();
    }),
  }));

  function apply(newMixture: Mixture): void {
    mixture = newMixture;
    layer.setWeights(
      mixture.matrix.map((row) => row.map((weight) => [[weight]])),
      mixture.bias,
    );
    table.values = mixture.matrix.map((row, i) => [...row, mixture.bias[i] ?? 0]);
    angle.element.hidden = !isRotating;
    for (const { name, preset, button } of presets) {
      const isEqual = serialise(preset) === serialise(mixture);
      const isChosen = isRotating ? name === ROTATION : isEqual;
      button.setAttribute('aria-pressed', String(isChosen));
    }
  }
  apply(INITIAL);

  return {
    id: 'colours',
    label: 'Colours, 1×1',
    element: el(
      'div',
      { class: 'mode mode-colours' },
      el(
        'p',
        { class: 'note' },
        'A 1×1 layer is a 3×3 matrix of weights and three biases. It mixes the colours of each pixel.',
      ),
      el(
        'div',
        { class: 'mode-edit' },
        el(
          'div',
          { class: 'choices', role: 'group', 'aria-label': 'Presets' },
          ...presets.map(({ button }) => button),
        ),
        angle.element,
        table.element,
      ),
      picture.element,
      el('div', { class: 'tiles channels' }, ...channels.map((tile) => tile.element)),
    ),
    run(X: Tensor, live: boolean) {
      const Y = layer.run(X);
      if (picture.needsDrawing(live)) picture.draw(c.toImageData(Y));
      channels.forEach((tile, i) => {
        tile.drawChannel(c, Y, i, UNIT_RANGE, live);
      });
    },
    save: () => (serialise(mixture) === serialise(INITIAL) ? null : serialise(mixture)),
    restore(saved) {
      const numbers = parseNumbers(saved, 12);
      isRotating = false;
      apply(
        numbers
          ? {
              matrix: [0, 3, 6].map((at) => numbers.slice(at, at + 3)),
              bias: numbers.slice(9),
            }
          : INITIAL,
      );
    },
    dispose() {
      layer.dispose();
      for (const tile of [picture, ...channels]) tile.dispose();
    },
  };
}

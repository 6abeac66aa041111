import type { Corr2d, Tensor } from 'corr2d';
import { type ColourKernel, weighColours } from '../../shared/colour-kernels';
import { button, el } from '../../shared/dom';
import { KernelMatrix } from '../../shared/kernel-matrix';
import { joinNumbers, parseNumbers } from '../../shared/link';
import { PictureTile } from '../picture-tile';
import { KernelEditor } from './kernel-editor';
import { describeRange, EMBOSS, type KernelPreset, PRESETS, rangeOf } from './kernel-presets';
import { Layer } from './layer';
import type { Mode, OnChange } from './mode';

const SIZE = 3;
const NUMBERS_PER_SLICE = SIZE * SIZE;
const NUMBERS_PER_KERNEL = 3 * NUMBERS_PER_SLICE;
const EDITOR_ID = 'kernel-editor';

/** A row of the layer: its weights, and the preset that it started from. */
interface Row {
  preset: KernelPreset;
  kernel: ColourKernel;
}

const presetRows = (): Row[] => PRESETS.map((preset) => ({ preset, kernel: preset.kernel }));

const serialise = (kernel: ColourKernel): string => joinNumbers(kernel.flat(2));

const isEdited = ({ preset, kernel }: Row): boolean =>
  serialise(kernel) !== serialise(preset.kernel);

const nameOf = (row: Row): string => `${row.preset.name}${isEdited(row) ? ', edited' : ''}`;

/** The first mode: six kernels over red, green and blue give six output channels. */
export function kernelsMode(c: Corr2d, onChange: OnChange): Mode {
  const rows = presetRows();
  let chosen: number | null = null;
  const layer = new Layer(
    c,
    rows.map(({ kernel }) => kernel),
    { padding: 1, paddingMode: 'replicate' },
  );
  const matrix = new KernelMatrix({
    label: 'The kernels',
    outputs: PRESETS.map(({ name }) => name),
    inputs: ['Red', 'Green', 'Blue'],
    size: [SIZE, SIZE],
    kind: 'tiles',
    hues: 'colours',
    scale: 'row',
    onChoose: (row) => choose(row === chosen ? null : row),
  });
  const editor = new KernelEditor({
    id: EDITOR_ID,
    onEdit: (kernel) => edit(kernel),
    onReset: () => {
      if (chosen === null) return;
      const preset = PRESETS[chosen] as KernelPreset;
      rows[chosen] = { preset, kernel: preset.kernel };
      edit(preset.kernel);
      showEditor();
    },
    onClose: () => {
      const edited = chosen;
      choose(null);
      if (edited !== null) tiles[edited]?.edit.focus();
    },
  });
  const tiles = PRESETS.map((_, i) => {
    const tile = new PictureTile('');
    const edit = button(
      '',
      () => {
        choose(i === chosen ? null : i);
        if (chosen !== null) editor.focus();
      },
      'tile-edit',
    );
    edit.append(el('span', {}, 'Edit'));
    tile.frame.append(edit);
    return { tile, edit };
  });

  function edit(kernel: ColourKernel): void {
    const row = chosen === null ? null : rows[chosen];
    if (!row) return;
    row.kernel = kernel;
    apply();
    onChange();
  }

  function apply(): void {
    const kernels = rows.map(({ kernel }) => kernel);
    layer.setWeights(kernels);
    matrix.show(kernels);
    rows.forEach((row, i) => {
      const { tile, edit } = tiles[i] as (typeof tiles)[number];
      tile.name = nameOf(row);
      tile.note.textContent = describeRange(row.kernel, row.preset.gain);
      edit.setAttribute('aria-label', `Edit the weights: ${tile.name}`);
    });
  }

  function choose(row: number | null): void {
    chosen = row;
    matrix.choose(row);
    tiles.forEach(({ tile, edit }, i) => {
      tile.element.toggleAttribute('data-chosen', i === row);
      edit.setAttribute('aria-expanded', String(i === row));
      edit.toggleAttribute('aria-controls', i === row);
      if (i === row) edit.setAttribute('aria-controls', EDITOR_ID);
    });
    showEditor();
  }

  /** Shows the editor below the chosen tile. */
  function showEditor(): void {
    const row = chosen === null ? undefined : rows[chosen];
    if (chosen === null || !row) {
      editor.element.remove();
      return;
    }
    editor.show(row.preset.name, row.preset.note, row.kernel);
    const { element } = (tiles[chosen] as (typeof tiles)[number]).tile;
    if (element.nextSibling !== editor.element) element.after(editor.element);
  }

  apply();
  choose(null);

  return {
    id: 'kernels',
    label: 'Kernels',
    element: el(
      'div',
      { class: 'mode mode-kernels' },
      el(
        'p',
        { class: 'note' },
        'Six 3×3 kernels. Each row has a slice for red, green and blue, and makes one output channel. Choose a row to edit it.',
      ),
      matrix.element,
      el('div', { class: 'tiles three' }, ...tiles.map(({ tile }) => tile.element)),
    ),
    run(X: Tensor, live: boolean) {
      const Y = layer.run(X);
      rows.forEach(({ preset, kernel }, i) => {
        tiles[i]?.tile.drawChannel(c, Y, i, rangeOf(kernel, preset.gain), live);
      });
    },
    /** The edited kernels: `row:27 numbers`, separated by semicolons. */
    save() {
      const edited = rows.flatMap((row, i) =>
        isEdited(row) || row.preset !== PRESETS[i] ? [`${i}:${serialise(row.kernel)}`] : [],
      );
      return edited.join(';') || null;
    },
    restore(saved) {
      const restored = saved === null ? null : (parseRows(saved) ?? parseOldRows(saved));
      rows.splice(0, rows.length, ...(restored ?? presetRows()));
      apply();
      showEditor();
    },
    dispose() {
      layer.dispose();
      for (const { tile } of tiles) tile.dispose();
    },
  };
}

const toPlane = (numbers: readonly number[]): number[][] =>
  [0, 1, 2].map((i) => numbers.slice(i * SIZE, (i + 1) * SIZE));

function parseRows(saved: string): Row[] | null {
  const rows = presetRows();
  for (const part of saved.split(';')) {
    const [index = '', text = ''] = part.split(':', 2);
    const numbers = parseNumbers(text, NUMBERS_PER_KERNEL);
    const row = /^\d$/.test(index) ? rows[Number(index)] : undefined;
    if (!numbers || !row) return null;
    row.kernel = [0, 1, 2].map((colour) =>
      toPlane(numbers.slice(colour * NUMBERS_PER_SLICE, (colour + 1) * NUMBERS_PER_SLICE)),
    );
    if (serialise(row.kernel) === serialise(EMBOSS.kernel)) row.preset = EMBOSS;
  }
  return rows;
}

/** Links of earlier versions: a plane and three weights of colours for each of six kernels. */
function parseOldRows(saved: string): Row[] | null {
  const length = NUMBERS_PER_SLICE + 3;
  const numbers = parseNumbers(saved, length * PRESETS.length);
  if (!numbers) return null;
  return PRESETS.map((preset, i) => {
    const own = numbers.slice(i * length, (i + 1) * length);
    const plane = toPlane(own.slice(0, NUMBERS_PER_SLICE));
    return {
      preset: i === PRESETS.length - 1 ? EMBOSS : preset,
      kernel: weighColours(plane, own.slice(NUMBERS_PER_SLICE)),
    };
  });
}

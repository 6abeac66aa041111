/*
 * Formats tensors as PyTorch prints them.
 *
 * The rules are those of PyTorch 1.13, torch/_tensor_str.py, with its default options: four digits, at most 1000
 * elements in full, otherwise 3 at either end of a longer axis, 80 columns, automatic scientific notation. They include
 * its oddities: nan, infinities and zeros do not count towards the common width, and rows are wrapped by that width.
 */

const DIGITS = 4;
const SUMMARIZE_ABOVE = 1000;
const EDGE_ITEMS = 3;
const LINE_WIDTH = 80;
const PREFIX = 'tensor(';

/** The notation of all numbers of a tensor: `56.`, `0.5000` or `5.0000e-01`. */
type Notation = 'integer' | 'fixed' | 'scientific';

/**
 * Returns the text of `str(torch.tensor(data, dtype=torch.float32).reshape(shape))` in PyTorch 1.13, character for
 * character. Above 1000 elements, only the printed elements are read, and they alone determine the notation.
 *
 * @param data the elements in row-major order; each is rounded to float32
 * @param shape a shape of any rank: `[]` is a single number, and any size may be 0
 */
export function formatTensor(data: ArrayLike<number>, shape: readonly number[]): string {
  const size = shape.reduce((product, length) => product * length, 1);
  if (size === 0) return formatEmpty(shape);

  const shown = shape.map((length) => shownIndices(length, size > SUMMARIZE_ABOVE));
  let offsets = [0];
  shape.forEach((length, axis) => {
    const indices = shown[axis] as number[];
    offsets = offsets.flatMap((offset) => indices.map((index) => offset * length + index));
  });
  const values = offsets.map((offset) => Math.fround(data[offset] as number));

  const deciding = values.filter((value) => Number.isFinite(value) && value !== 0);
  const notation = chooseNotation(deciding);
  const width = deciding.reduce((w, v) => Math.max(w, formatNumber(v, notation).length), 1);

  let next = 0;
  const block = (axis: number, indent: number): string => {
    const indices = shown[axis];
    if (indices === undefined) {
      const value = values[next++] as number;
      return formatNumber(value, notation).padStart(width);
    }
    const innermost = axis === shape.length - 1;
    let parts = indices.map(() => block(axis + 1, indent + 1));
    if (parts.length !== shape[axis]) parts.splice(EDGE_ITEMS, 0, innermost ? ' ...' : '...');
    if (innermost) parts = joinIntoLines(parts, Math.floor((LINE_WIDTH - indent) / (width + 2)));
    const lineBreaks = '\n'.repeat(Math.max(1, shape.length - 1 - axis));
    return `[${parts.join(`,${lineBreaks}${' '.repeat(indent + 1)}`)}]`;
  };
  return `${PREFIX}${block(0, PREFIX.length)})`;
}

/** A tensor without elements shows its shape unless that is `[0]`, on a new line if it would pass column 80. */
function formatEmpty(shape: readonly number[]): string {
  const text = `${PREFIX}[]`;
  if (shape.length === 1) return `${text})`;
  const suffix = `size=(${shape.join(', ')})`;
  // PyTorch counts 2 more columns for the current line, and 2 for the comma and the space.
  const fits = text.length + 2 + 2 + suffix.length <= LINE_WIDTH;
  return `${text},${fits ? ' ' : `\n${' '.repeat(PREFIX.length)}`}${suffix})`;
}

/** The indices along an axis that are printed: all of them, or the first and last three of a long axis. */
function shownIndices(length: number, summarize: boolean): number[] {
  const cut = summarize && length > 2 * EDGE_ITEMS;
  return Array.from({ length: cut ? 2 * EDGE_ITEMS : length }, (_, i) =>
    cut && i >= EDGE_ITEMS ? length - 2 * EDGE_ITEMS + i : i,
  );
}

function joinIntoLines(parts: readonly string[], perLine: number): string[] {
  const step = Math.max(1, perLine);
  const lines: string[] = [];
  for (let i = 0; i < parts.length; i += step) lines.push(parts.slice(i, i + step).join(', '));
  return lines;
}

/** Chooses the notation of all numbers from those that are finite and not zero. */
function chooseNotation(deciding: readonly number[]): Notation {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const value of deciding) {
    min = Math.min(min, Math.abs(value));
    max = Math.max(max, Math.abs(value));
  }
  if (max / min > 1000 || max > 1e8 || min < 1e-4) return 'scientific';
  return deciding.every(Number.isInteger) ? 'integer' : 'fixed';
}

/** Formats a float32. Like Python, it rounds the exact binary value, and ties to the even digit. */
function formatNumber(value: number, notation: Notation): string {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY) return `${sign}inf`;
  if (notation === 'integer') return `${sign}${magnitude}.`;
  return sign + (notation === 'fixed' ? formatFixed(magnitude) : formatScientific(magnitude));
}

/**
 * Python's `'%.4f'` for a float32 from 0 to 1e8; larger numbers use another notation. The product with 10⁴ = 5⁴·2⁴ is
 * exact, since the 24 bits of a float32 and the 10 bits of 5⁴ fit into the 53 bits of a double. The distance to the
 * integer below is exact too.
 */
function formatFixed(magnitude: number): string {
  const scale = 10 ** DIGITS;
  const scaled = magnitude * scale;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  const rounded = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
  const fraction = String(rounded % scale).padStart(DIGITS, '0');
  return `${Math.floor(rounded / scale)}.${fraction}`;
}

/**
 * Python's `'%.4e'` for any finite float32. `toExponential` is exact but rounds ties up. After a tie, an odd last digit
 * is therefore one too large; it is not 0, so the subtraction needs no borrow.
 *
 * A tie is a number that equals a six-digit decimal ending in 5. `Number(six) === magnitude` tests this exactly: if the
 * double nearest to such a decimal is a float32, it equals the decimal (tests/js/once/print.test.mjs tries all of them).
 */
function formatScientific(magnitude: number): string {
  const [mantissa, exponent] = magnitude.toExponential(DIGITS).split('e') as [string, string];
  const six = magnitude.toExponential(DIGITS + 1);
  const tie = six.includes('5e') && Number(six) === magnitude;
  const last = Number(mantissa.slice(-1));
  const digits = tie && last % 2 === 1 ? mantissa.slice(0, -1) + (last - 1) : mantissa;
  return `${digits}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`;
}

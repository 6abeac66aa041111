/* Formats and parses numbers in English, the language of the page, whatever the browser's language is. */

/** 1234567 → 1,234,567 */
export const formatInteger = (value: number): string => value.toLocaleString('en');

/** Numbers of this magnitude are written with an exponent. */
const EXPONENT_FROM = 1e9;

/**
 * A number with a true minus sign and `digits` digits after the point. Without `digits`, up to 7
 * significant digits, with an exponent from a thousand million: 1.6e13.
 */
export const formatNumber = (value: number, digits?: number): string => {
  const rounded = Number(value.toPrecision(7));
  const text =
    digits !== undefined
      ? value.toFixed(digits).replace(/^-(0(\.0*)?)$/, '$1')
      : Math.abs(rounded) >= EXPONENT_FROM
        ? rounded.toExponential().replace('e+', 'e')
        : String(rounded);
  return text.startsWith('-') ? `−${text.slice(1)}` : text;
};

/** Width in digits: a point or a sign is half as wide. */
const widthOf = (text: string): number =>
  [...text].reduce((width, letter) => width + (letter === '.' || letter === '-' ? 0.5 : 1), 0);

/** The most exact text that fits into `width` digits: up to 4 decimals, or an exponent. */
export function formatWithin(value: number, width: number): string {
  const decimals = [4, 3, 2, 1, 0].map((digits) => String(Number(value.toFixed(digits))));
  const exponents = [3, 2, 1].map((digits) =>
    Number(value.toPrecision(digits)).toExponential().replace('e+', 'e'),
  );
  return [...decimals, ...exponents].find((text) => widthOf(text) <= width) ?? String(value);
}

/** Numbers that the visitor types may be this large. */
const MAX_INPUT = 1e6;

/** Parses a number that the visitor types, with a point or a comma; null if it is not valid. */
export function parseInput(text: string): number | null {
  const value = Number(text.replace('−', '-').replace(',', '.'));
  return text.trim() !== '' && Math.abs(value) <= MAX_INPUT ? value : null;
}

/** Formats milliseconds: 0.0123 → 12.3 µs; 1234 → 1.23 s. */
export function formatDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return '–';
  if (milliseconds < 1) return `${formatSignificant(milliseconds * 1000)} µs`;
  if (milliseconds < 1000) return `${formatSignificant(milliseconds)} ms`;
  return `${formatSignificant(milliseconds / 1000)} s`;
}

/** Three significant digits, without an exponent. */
export function formatSignificant(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return formatInteger(Number(value.toFixed(Math.min(digits, 8))));
}

const SCALES: readonly [number, string][] = [
  [1e9, 'billion'],
  [1e6, 'million'],
];

/** 115605504 → 116 million */
export function formatCount(value: number): string {
  for (const [size, name] of SCALES)
    if (value >= size) return `${formatSignificant(value / size)} ${name}`;
  return formatInteger(value);
}

export function formatBytes(value: number): string {
  if (value >= 1 << 20) return `${formatSignificant(value / (1 << 20))} MiB`;
  if (value >= 1 << 10) return `${formatSignificant(value / (1 << 10))} KiB`;
  return `${value} bytes`;
}

export const formatShape = (shape: readonly number[]): string => shape.join('×');

/** The median; for an even count, the larger of the two middle values; NaN without values. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** A small difference in exponent notation; 0 stays 0. */
export const formatDifference = (value: number): string =>
  value === 0 ? '0' : value.toExponential(1);

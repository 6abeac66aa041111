import { Tensor } from '../tensor/tensor.js';
import { Corr2dError } from './corr2d-error.js';

export { Corr2dError, type Corr2dErrorCode } from './corr2d-error.js';

export function loadFailed(message: string, cause?: unknown): Corr2dError {
  return new Corr2dError('LOAD_FAILED', `load: ${message}`, { cause });
}

/** `corr2d: `, the function that is named in front of a place such as `corr2d: X`; '' without one. */
export function caller(where: string): string {
  const end = where.indexOf(':');
  return end < 0 ? '' : `${where.slice(0, end)}: `;
}

/** A short form of any value for a message: never throws, never long. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value));
  if (typeof value === 'bigint') return `${shortened(String(value))}n`;
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of length ${show(value.length)}`;
  if (Tensor.is(value)) return `a tensor of ${showShape(value.shape)}`;
  const tag = tagOf(value);
  return tag === 'Object' ? 'an object' : `an object of type ${shortened(tag)}`;
}

function tagOf(value: object): string {
  try {
    return Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    return 'Object'; // a getter of the value's own has thrown
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** `2×3×3`, as messages write shapes. A lone `3` would pass for a number of elements: `[3]`. */
export function showShape(shape: readonly number[]): string {
  if (shape.length === 0) return 'a single number (0-d)';
  return shape.length === 1 ? `[${shape[0]}]` : shape.join('×');
}

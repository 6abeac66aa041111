// The construction of error messages: `function: argument is X; expected Y`. A parameter called
// `where` is the beginning of a message: the function, and the argument if there is one, such as
// `conv2d: input`.

import { Corr2dError } from './corr2d-error.js';

export { Corr2dError, type Corr2dErrorCode } from './corr2d-error.js';

/** INVALID_ARGUMENT with this message. */
export function invalid(message: string, cause?: unknown): Corr2dError {
  return new Corr2dError('INVALID_ARGUMENT', message, causeOption(cause));
}

/** Throws if a caller has used the constructor of a class; `instead` is what creates its objects. */
export function assertInternal(isInternal: boolean, name: string, instead: string): void {
  if (!isInternal) throw invalid(`new ${name} is not supported; use ${instead}`);
}

/** SHAPE_MISMATCH with this message. */
export function mismatch(message: string): Corr2dError {
  return new Corr2dError('SHAPE_MISMATCH', message);
}

/** LOAD_FAILED with this message, after `load: `. */
export function loadFailed(message: string, cause?: unknown): Corr2dError {
  return new Corr2dError('LOAD_FAILED', `load: ${message}`, causeOption(cause));
}

/** The options of an error. Consoles print a `cause` that is undefined. */
const causeOption = (cause: unknown) => (cause === undefined ? undefined : { cause });

/** INVALID_ARGUMENT: `where` is `value`; expected `expected`. */
export function unexpected(where: string, value: unknown, expected: string): Corr2dError {
  return invalid(`${where} is ${show(value)}; expected ${expected}`);
}

/** SHAPE_MISMATCH: `where` is `shape`; expected `expected`. */
export function unexpectedShape(
  where: string,
  shape: readonly number[],
  expected: string,
): Corr2dError {
  return mismatch(`${where} is ${showShape(shape)}; expected ${expected}`);
}

/** The function that `where` names, as a prefix: `conv2d: ` for `conv2d: input`; '' if it names none. */
export function callerOf(where: string): string {
  const end = where.indexOf(':');
  return end < 0 ? '' : `${where.slice(0, end)}: `;
}

interface Shaped {
  readonly shape: readonly number[];
}

let tensorTest = (_value: unknown): _value is Shaped => false;

/** Installs the test for tensors, whose class is in a higher layer. */
export function setTensorTest(test: (value: unknown) => value is Shaped): void {
  tensorTest = test;
}

/** Whether `value` is a tensor. */
export function isTensor(value: unknown): value is Shaped {
  return tensorTest(value);
}

/** A short text for any value. Never throws. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  if (typeof value === 'bigint') return `${shorten(String(value))}n`;
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of length ${show(value.length)}`;
  if (isTensor(value)) return `a tensor of ${showShape(value.shape)}`;
  const tag = tagOf(value);
  return tag === 'Object' ? 'an object' : `an object of type ${shorten(tag)}`;
}

/** The name of an object's class, such as `ImageBitmap`, as `Object.prototype.toString` gives it. */
export function tagOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    return 'Object'; // a getter that the caller has defined threw an error
  }
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** A shape as in `2×3×3`. One axis gives `[3]`, since `3` would read as a number of elements. */
export function showShape(shape: readonly number[]): string {
  if (shape.length === 0) return 'a single number (0-d)';
  return shape.length === 1 ? `[${shape[0]}]` : shape.join('×');
}

// Checks of arguments. Each function returns the value that it has checked, and throws
// INVALID_ARGUMENT for any other. `where` names the argument in messages.

import { invalid, show, tagOf, unexpected } from './errors.js';

/** The largest rank of a tensor. It also ends the search in an array that contains itself. */
export const MAX_RANK = 64;

/** The largest int32: C++ reads sizes, strides and paddings as int32. */
export const MAX_INT32 = 2 ** 31 - 1;

/** Checks that `value` is a number; NaN and infinities are numbers. */
export function number(value: unknown, where: string): number {
  if (typeof value !== 'number') throw unexpected(where, value, 'a number');
  return value;
}

/** Checks that `value` is finite after conversion to float32. */
export function finite(value: unknown, where: string): number {
  if (!Number.isFinite(Math.fround(number(value, where)))) {
    throw unexpected(where, value, 'a finite float32 number');
  }
  return value as number;
}

/**
 * Checks that `value` is a whole number from `low` to `high`. `alternative` ends the message if the
 * caller accepts other values too.
 */
export function integer(
  value: unknown,
  where: string,
  low: number,
  high: number,
  alternative = '',
): number {
  if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) {
    const open = high === Number.MAX_SAFE_INTEGER && !(typeof value === 'number' && value > high);
    const range = open ? `of at least ${low}` : `from ${low} to ${high}`;
    throw unexpected(where, value, `a whole number ${range}${alternative}`);
  }
  return value as number;
}

/**
 * Maps each item of `list`, which has at most `maxLength` items. It does not use the array's iterator,
 * which the caller may have replaced, and it checks the length, since a proxy can report any value.
 */
export function items<From, To>(
  list: ArrayLike<From>,
  where: string,
  maxLength: number,
  map: (item: From, i: number) => To,
): To[] {
  const length = integer(list.length, `${where}.length`, 0, maxLength);
  const mapped: To[] = [];
  for (let i = 0; i < length; i++) mapped.push(map(list[i] as From, i));
  return mapped;
}

/**
 * Checks that `value` is an array of sizes, and returns a copy of it. With `allowsUnknown`, a size may
 * be -1, which stands for a size to be computed.
 */
export function shape(value: unknown, where: string, allowsUnknown = false): number[] {
  if (!Array.isArray(value)) throw unexpected(where, value, 'an array of sizes');
  const alternative = allowsUnknown ? ', or -1' : '';
  return items(value, where, MAX_RANK, (size, axis) =>
    allowsUnknown && size === -1
      ? size
      : integer(size, `${where}[${axis}]`, 0, Number.MAX_SAFE_INTEGER, alternative),
  );
}

/**
 * Checks that `value` is an options object, or undefined, which gives an empty object. Throws for an
 * option whose name is not in `names`, since it is probably misspelt, unless the option is undefined.
 */
export function options<Name extends string>(
  value: unknown,
  where: string,
  names: readonly Name[],
): Partial<Record<Name, unknown>> {
  if (value === undefined) return {};
  if (!isPlainObject(value)) {
    throw unexpected(`${where}: options`, value, `an object such as { ${names[0]}: … }`);
  }
  for (const [name, option] of Object.entries(value)) {
    if (option !== undefined && !(names as readonly string[]).includes(name)) {
      throw invalid(`${where}: unknown option ${show(name)}; expected one of ${names.join(', ')}`);
    }
  }
  return value as Partial<Record<Name, unknown>>;
}

/** Whether `value` is an object that has no built-in class, such as Array or Date. */
export function isPlainObject(value: unknown): value is object {
  return tagOf(value) === 'Object';
}

/** `'a', 'b', 'c'` */
export const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

/** Returns `value` if it is one of `names`, and `names[0]` if it is undefined. */
export function choice<const Name extends string>(
  value: unknown,
  where: string,
  names: readonly Name[],
): Name {
  if (value === undefined) return names[0] as Name;
  if (!(names as readonly unknown[]).includes(value)) {
    throw unexpected(where, value, `one of ${quoted(names)}`);
  }
  return value as Name;
}

/** Returns `value` if it is a boolean, and `defaultValue` if it is undefined. */
export function flag(value: unknown, where: string, defaultValue = false): boolean {
  if (value === undefined) return defaultValue;
  if (typeof value !== 'boolean') throw unexpected(where, value, 'true or false');
  return value;
}

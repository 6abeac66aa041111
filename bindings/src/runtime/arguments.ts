import { Corr2dError, show } from './errors.js';

/** More axes than anybody uses; it ends the search in an array that contains itself. */
export const maxRank = 64;

/** `value`, if it is a number; otherwise INVALID_ARGUMENT. NaN and infinities are numbers. */
export function number(value: unknown, where: string): number {
  if (typeof value !== 'number') {
    throw new Corr2dError('INVALID_ARGUMENT', `${where} is ${show(value)}, must be a number`);
  }
  return value;
}

/** `value`, if it is a finite number; otherwise INVALID_ARGUMENT. */
export function finite(value: unknown, where: string): number {
  if (!Number.isFinite(number(value, where))) {
    throw new Corr2dError('INVALID_ARGUMENT', `${where} is ${show(value)}, must be finite`);
  }
  return value as number;
}

/**
 * `value`, if it is a whole number from `low` to `high`; otherwise INVALID_ARGUMENT. `others` is how
 * the message ends, where the caller takes other values too.
 */
export function integer(
  value: unknown,
  where: string,
  low: number,
  high: number,
  others = '',
): number {
  if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) {
    const open = high === Number.MAX_SAFE_INTEGER && !(typeof value === 'number' && value > high);
    const range = open ? `of at least ${low}` : `from ${low} to ${high}`;
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where} is ${show(value)}, must be a whole number ${range}${others}`,
    );
  }
  return value as number;
}

/**
 * What `map` makes of each item, at most so many. Callers' arrays may have an iterator of their own,
 * and a proxy any length.
 */
export function items<From, To>(
  list: ArrayLike<From>,
  where: string,
  most: number,
  map: (item: From, i: number) => To,
): To[] {
  const length = integer(list.length, `${where}.length`, 0, most);
  return Array.from({ length }, (_, i) => map(list[i] as From, i));
}

/**
 * A copy of `value`, if it is a list of sizes; otherwise INVALID_ARGUMENT. With `open`, sizes may be
 * -1, which stands for one that is yet to be found.
 */
export function shape(value: unknown, where: string, open = false): number[] {
  if (!Array.isArray(value)) {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where} is ${show(value)}, must be an array of sizes`,
    );
  }
  return items(value, where, maxRank, (size, axis) =>
    open && size === -1
      ? size
      : integer(size, `${where}[${axis}]`, 0, Number.MAX_SAFE_INTEGER, open ? ', or -1' : ''),
  );
}

/**
 * The options object itself, or an empty one where it is absent. A name that is not in `names` is
 * INVALID_ARGUMENT: most likely it is a typing error.
 */
export function options<Name extends string>(
  value: unknown,
  where: string,
  names: readonly Name[],
): Partial<Record<Name, unknown>> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      `${where}: options is ${show(value)}, must be an object`,
    );
  }
  for (const [name, option] of Object.entries(value)) {
    if (option !== undefined && !(names as readonly string[]).includes(name)) {
      throw new Corr2dError(
        'INVALID_ARGUMENT',
        `${where}: unknown option ${show(name)}; the options are: ${names.join(', ')}`,
      );
    }
  }
  return value as Partial<Record<Name, unknown>>;
}

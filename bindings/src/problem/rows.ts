// Operators along one axis: their tensors are images with one row.

import * as argument from '../runtime/arguments.js';
import { unexpected, unexpectedShape } from '../runtime/errors.js';
import type { OutputShape, Problem } from './problem.js';
import { CROPS, padNumber } from './read-options.js';

/** Inserts an axis of length 1 before the last axis, and others before that up to `rank` axes. */
export function withRowAxis(
  shape: readonly number[],
  ranks: readonly number[],
  where: string,
  expected: string,
  rank = 3,
): number[] {
  if (!ranks.includes(shape.length)) throw unexpectedShape(where, shape, expected);
  const row = [...shape.slice(0, -1), 1, ...shape.slice(-1)];
  return [...new Array<number>(Math.max(rank - row.length, 0)).fill(1), ...row];
}

/**
 * The options of an operator along one axis as those of an operator on images. `names` are accepted paddings. With
 * `lists`, a number may also be a list of one.
 */
export function rowOptions<Given extends Record<string, unknown>>(
  where: string,
  given: Given,
  names: string,
  lists = true,
): Given {
  const alongRow = (name: string, other: number) => {
    const { [name]: value } = given;
    const number = lists && Array.isArray(value) && value.length === 1 ? value[0] : value;
    return value === undefined
      ? undefined
      : [other, argument.integer(number, `${where}: ${name}`, other, argument.MAX_INT32)];
  };
  return {
    ...given,
    stride: alongRow('stride', 1),
    dilation: alongRow('dilation', 1),
    outputPadding: alongRow('outputPadding', 0),
    outputSize: alongRow('outputSize', 1),
    padding: rowPadding(given.padding, `${where}: padding`, names),
  };
}

/** Converts a padding of one axis to one of two axes. Checks it here, so that messages fit one axis. */
function rowPadding(value: unknown, where: string, names: string): unknown {
  if (value === undefined || typeof value === 'string') return value;
  const forms = `, [left, right], ${names}`;
  if (!Array.isArray(value)) {
    const both = padNumber(value, where, forms, CROPS);
    return [0, 0, both, both];
  }
  if (value.length !== 2) throw unexpected(where, value, `a number${forms}`);
  const sides = [0, 1].map((i) => padNumber(value[i], `${where}[${i}]`, '', CROPS));
  return [0, 0, ...sides];
}

/** A problem on images with one row, in the words of the caller, whose arguments have these shapes. */
export function rowProblem<Read extends { problem: Problem; outputShape: OutputShape }>(
  read: Read,
  given: Problem['given'],
): Read {
  return {
    ...read,
    problem: { ...read.problem, given, rank: 1 },
    outputShape: (...size) => read.outputShape(...size).filter((_, i, all) => i !== all.length - 2),
  };
}

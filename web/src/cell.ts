import type { Corr2d, Tensor } from 'corr2d';
import type { Example } from './chapter';
import { createCheck } from './check';
import { el } from './dom';
import { codeBlock } from './highlight';

const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'shape' in value && 'dispose' in value;

/** What a notebook would print for a cell's last value. Frees it, if it is a tensor. */
function print(value: unknown): string {
  if (isTensor(value)) {
    const text = value.toString();
    value.dispose();
    return text;
  }
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

/** An example with its code, its result and the chapter's; run() may be called again. */
export function mountCell(root: HTMLElement, example: Example): { run(c: Corr2d): void } {
  root.append(el('h3', {}, example.title), codeBlock(example.code));
  const check = createCheck(root, example.expected);
  return {
    run(c) {
      check.reset();
      try {
        const result = print(example.run(c));
        check.settle(result, result === example.expected);
      } catch (error) {
        check.fail(error);
      }
    },
  };
}

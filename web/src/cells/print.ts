import { Tensor } from 'corr2d';

const LONGEST = 20_000;
const DEEPEST = 4;

/** A value as a notebook prints it: tensors as PyTorch does, arrays as Python prints lists. */
export function print(value: unknown): string {
  const text = typeof value === 'string' ? value : inspect(value, 0);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}\n… (${text.length} characters)` : text;
}

function inspect(value: unknown, depth: number): string {
  if (value instanceof Tensor) return value.toString();
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `[function ${value.name || 'without a name'}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === DEEPEST) return '…';
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as ArrayLike<unknown>, (item) => inspect(item, depth + 1));
    return `[${items.join(', ')}]`;
  }
  const name = value.constructor?.name;
  const fields = Object.entries(value).map(([key, item]) => `${key}: ${inspect(item, depth + 1)}`);
  const body = fields.length > 0 ? `{ ${fields.join(', ')} }` : '{}';
  return name && name !== 'Object' ? `${name} ${body}` : body;
}

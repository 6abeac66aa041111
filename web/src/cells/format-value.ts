import { Tensor } from 'corr2d';

const MAX_LENGTH = 20_000;
const MAX_DEPTH = 4;

/** Formats a value for a cell's output: tensors as PyTorch does, arrays like Python lists. */
export function formatValue(value: unknown): string {
  const text = typeof value === 'string' ? value : inspect(value, 0);
  return text.length > MAX_LENGTH
    ? `${text.slice(0, MAX_LENGTH)}\n… (${text.length} characters)`
    : text;
}

function inspect(value: unknown, depth: number): string {
  if (value instanceof Tensor) return value.toString();
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `[function ${value.name || '(anonymous)'}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === MAX_DEPTH) return '…';
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as ArrayLike<unknown>, (item) => inspect(item, depth + 1));
    return `[${items.join(', ')}]`;
  }
  const name = value.constructor?.name;
  const fields = Object.entries(value).map(([key, item]) => `${key}: ${inspect(item, depth + 1)}`);
  const body = fields.length > 0 ? `{ ${fields.join(', ')} }` : '{}';
  return name && name !== 'Object' ? `${name} ${body}` : body;
}

/*
 * Runs the cells. All cells run in one worker, so they share their variables and an endless loop can be
 * terminated. Only this worker evaluates code: the page's Content-Security-Policy forbids eval, and a
 * worker takes its policy from its own response.
 */
import * as corr2d from 'corr2d';
import { CellSyntaxError, compile } from './compile';
import { formatValue } from './format-value';
import type { CellError, RunReport, RunRequest } from './messages';

// References kept here, because a cell may declare variables with these names.
const post = self.postMessage.bind(self) as (report: RunReport) => void;
const now = performance.now.bind(performance);
// biome-ignore lint/security/noGlobalEval: this is what this worker is for
const evaluate = globalThis.eval; // an indirect call, which cannot see this module's scope

let runs = 0;
/** The cell and the line map of each run, by the run's name. */
const sources = new Map<string, { cell: string; lines: readonly number[] }>();

const cellGlobals: Record<string, unknown> = {
  $declare(names: readonly string[]) {
    for (const name of names) {
      const property = { value: undefined, writable: true, configurable: true, enumerable: true };
      Object.defineProperty(globalThis, name, property);
    }
  },
  $import(from: string) {
    if (from === 'corr2d') return corr2d;
    throw new TypeError(`Cells can import only 'corr2d', not '${from}'.`);
  },
  $pick(module: Record<string, unknown>, name: string) {
    if (name in module) return module[name];
    throw new SyntaxError(`'corr2d' has no export named ${name}.`);
  },
  print: (...values: unknown[]) =>
    post({ kind: 'printed', text: values.map(formatValue).join(' ') }),
};
for (const [name, value] of Object.entries(cellGlobals)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
for (const name of ['log', 'info', 'debug', 'warn', 'error', 'table'] as const) {
  console[name] = cellGlobals.print as typeof console.log;
}

/** The innermost line of `cell` in the error's stack. */
function lineOf(error: Error, cell: string): number | undefined {
  for (const [, run, line] of (error.stack ?? '').matchAll(/(cell-\d+)\.js:(\d+)/g)) {
    const source = sources.get(run ?? '');
    const found = source?.cell === cell ? source.lines[Number(line) - 1] : undefined;
    if (found) return found;
  }
  return undefined;
}

function toCellError(error: unknown, cell: string): CellError {
  if (error instanceof CellSyntaxError) {
    return { name: error.name, message: error.message, line: error.line };
  }
  if (!(error instanceof Error)) return { name: 'Thrown', message: formatValue(error) };
  const name = error instanceof corr2d.Corr2dError ? error.code : error.name;
  const line = lineOf(error, cell);
  return { name, message: error.message, ...(line !== undefined && { line }) };
}

async function run({ cell, code }: RunRequest): Promise<void> {
  const start = now();
  try {
    const { source, lines } = compile(code);
    const name = `cell-${++runs}`;
    sources.set(name, { cell, lines });
    const value: unknown = await evaluate(`${source}\n//# sourceURL=${name}.js`);
    const milliseconds = now() - start;
    post({ kind: 'done', value: value === undefined ? null : formatValue(value), milliseconds });
  } catch (error) {
    post({ kind: 'failed', error: toCellError(error, cell) });
  }
}

self.addEventListener('message', ({ data }: MessageEvent<RunRequest>) => void run(data));

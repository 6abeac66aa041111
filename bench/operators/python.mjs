// Runs the probes of PyTorch, SciPy and scikit-image, if the system's Python has them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { named, rgba } from './data.mjs';

const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('python.py', import.meta.url));

/**
 * Evaluates Python snippets, in which the arrays of data.mjs are variables. A library that is not
 * installed is null.
 * @param {Record<'torch' | 'scipy' | 'skimage', Record<string, string>>} snippets
 */
export function runPython(snippets) {
  const arrays = Object.fromEntries(
    Object.entries(named).map(([name, { shape, data }]) => [name, { shape, data: [...data] }]),
  );
  const bytes = { shape: [rgba.height, rgba.width, 4], data: [...rgba.data] };
  const input = JSON.stringify({ arrays, rgba: bytes, ...snippets });
  const { status, stdout, stderr } = spawnSync(PYTHON, [SCRIPT], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status === null) return { torch: null, scipy: null, skimage: null };
  if (status !== 0) throw new Error(stderr);
  const found = Object.entries(JSON.parse(stdout));
  return Object.fromEntries(found.map(([name, one]) => [name, one && toResults(one)]));
}

function toResults({ version, results }) {
  const entries = Object.entries(results).map(([id, result]) => [
    id,
    Array.isArray(result) ? { values: result } : result,
  ]);
  return { version: version.split('+')[0], results: Object.fromEntries(entries) };
}

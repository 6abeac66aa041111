// npm run bench:load: measures the time from the start to the first result.
//
// Each run is a new Node process, which measures importing the package, load(), and the chapter's first
// example from nested arrays to a printed tensor.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const runs = 31;
const root = fileURLToPath(new URL('..', import.meta.url));
const program = `
  const begin = performance.now();
  const { load } = await import('corr2d');
  const imported = performance.now();
  const c = await load();
  const loaded = performance.now();
  const X = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]]];
  const K = [[[0, 1], [2, 3]], [[1, 2], [3, 4]]];
  const text = String(c.corr2dMultiIn(X, K));
  const end = performance.now();
  if (!text.startsWith('tensor([[ 56.,  72.]')) throw new Error(text);
  console.log(JSON.stringify({
    import: imported - begin, load: loaded - imported, first: end - loaded, all: end - begin,
    variant: c.features.variant,
  }));
`;

const samples = Array.from({ length: runs }, () => {
  const args = ['--input-type=module', '--eval', program];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }));
});

const sorted = (name) => samples.map((sample) => sample[name]).sort((a, b) => a - b);
const row = (title, name) => {
  const times = sorted(name);
  const shown = [times[0], times[runs >> 1], times[runs - 1]].map((time) => time.toFixed(1));
  return [title.padEnd(24), ...shown.map((text) => text.padStart(8))].join('');
};

console.log(`Node ${process.version}, ${cpus()[0]?.model}, variant ${samples[0].variant}`);
console.log(`Milliseconds in ${runs} new processes`);
console.log([''.padEnd(24), 'min', 'median', 'max'].map((text) => text.padStart(8)).join(''));
console.log(row('import', 'import'));
console.log(row('load()', 'load'));
console.log(row('first result', 'first'));
console.log(row('total', 'all'));

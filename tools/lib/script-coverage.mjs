// @ts-check
// Line coverage of TypeScript, from V8's counters of the bundles and their source maps.
import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @typedef {{ startOffset: number, endOffset: number, count: number }} Range */
/** @typedef {{ url: string, functions: { ranges: Range[] }[] }} Script */
/** @typedef {{ name: string, covered: number, count: number }} Share */

/** The scripts in all coverage reports of a folder. @param {string} dir */
function* reportedScripts(dir) {
  for (const name of readdirSync(dir)) {
    const report = JSON.parse(readFileSync(join(dir, name), 'utf8'));
    yield* /** @type {Script[]} */ (report.result);
  }
}

/**
 * Whether each character of a script has run. The innermost range that contains it decides.
 * @param {Script} script @param {number} length
 */
function markExecuted({ functions }, length) {
  const ran = new Uint8Array(length);
  const ranges = functions.flatMap((one) => one.ranges);
  // Outer ranges come first.
  ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  for (const { startOffset, endOffset, count } of ranges) {
    ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return ran;
}

/**
 * Measures the line coverage of the bundles' sources. A line counts if any part of it is in a bundle,
 * and is covered if any such part has run.
 * @param {string} dir The folder of V8's reports @param {string} dist The folder of the bundles
 * @param {(source: string) => boolean} isCounted
 */
export function measureScripts(dir, dist, isCounted) {
  const names = readdirSync(dist).filter((name) => name.endsWith('.js.map'));
  /** @type {Map<string, Map<number, boolean>>} */
  const lines = new Map();
  for (const name of names) {
    const script = join(dist, name.slice(0, -'.map'.length));
    const code = readFileSync(script, 'utf8');
    const url = pathToFileURL(script).href;
    const ran = new Uint8Array(code.length);
    for (const report of reportedScripts(dir)) {
      if (report.url !== url) continue;
      markExecuted(report, code.length).forEach((one, i) => {
        ran[i] |= one;
      });
    }
    const map = new SourceMap(JSON.parse(readFileSync(`${script}.map`, 'utf8')));
    let offset = 0;
    for (const [row, text] of code.split('\n').entries()) {
      for (let column = 0; column < text.length; column++) {
        const entry = map.findEntry(row, column);
        if (!('originalSource' in entry) || entry.generatedColumn !== column) continue;
        if (entry.generatedLine !== row) continue;
        const source = relative(resolve(dist, '..'), resolve(dist, entry.originalSource));
        if (source.startsWith('..') || !isCounted(source)) continue;
        const known = lines.get(source) ?? new Map();
        lines.set(source, known);
        const line = entry.originalLine + 1;
        known.set(line, known.get(line) || ran[offset + column] === 1);
      }
      offset += text.length + 1;
    }
  }
  const files = [...lines].sort().map(([file, known]) => ({
    file,
    share: {
      name: file,
      covered: [...known.values()].filter(Boolean).length,
      count: known.size,
    },
    missed: [...known].filter(([, ran]) => !ran).map(([line]) => line),
  }));
  const sum = (/** @type {'covered' | 'count'} */ key) =>
    files.reduce((all, { share }) => all + share[key], 0);
  /** @type {Share} */
  const total = { name: 'TypeScript lines', covered: sum('covered'), count: sum('count') };
  return { total, files };
}

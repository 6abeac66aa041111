import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { parseShapes } from '../../bench/shapes.mjs';

const SHAPES_MODULE = 'virtual:bench-shapes';
const TILES_MODULE = 'virtual:kernel-tiles';

/** Virtual modules with facts that the page reads from the project's sources, so they stay true. */
export function projectFacts(project: string): Plugin {
  const sources: Record<string, () => string> = {
    /** The benchmark's shapes, from bench/shapes. */
    [SHAPES_MODULE]() {
      const folder = resolve(project, 'bench/shapes');
      const shapes = readdirSync(folder)
        .sort()
        .flatMap((file) =>
          parseShapes(readFileSync(resolve(folder, file), 'utf8'), file.replace('.txt', '')),
        );
      return `export default ${JSON.stringify(shapes)};`;
    },
    /** The tile size of each micro-kernel, in rows (or channels) and columns, from the kernel list. */
    [TILES_MODULE]() {
      const list = readFileSync(resolve(project, 'cpp/kernels/list.cpp'), 'utf8');
      const tiles = [...list.matchAll(/CORR2D_BOTH_MADDS\(f32_(\w+), (\d+), (\d+)\)/g)].map(
        ([, kernel, rows, vectors]) => ({
          kernel,
          rows: Number(rows),
          columns: 4 * Number(vectors),
        }),
      );
      if (tiles.length === 0) throw new Error('cpp/kernels/list.cpp names no kernels');
      return `export default ${JSON.stringify(tiles)};`;
    },
  };
  return {
    name: 'facts',
    resolveId: (id) => (id in sources ? `\0${id}` : null),
    load: (id) => (id.startsWith('\0') ? (sources[id.slice(1)]?.() ?? null) : null),
  };
}

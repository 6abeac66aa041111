import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { parseShapes } from '../../bench/shapes.mjs';

const SHAPES_MODULE = 'virtual:bench-shapes';
const TILES_MODULE = 'virtual:kernel-tiles';

const KERNEL_LIST = 'cpp/kernels/list.cpp';
/** The micro-kernels whose tiles exercise 6 shows; web/src/exercises/strip.ts describes them. */
const KERNELS = ['direct', 'depthwise'];

/** Provides virtual modules with facts from the project's sources, so that the page stays correct. */
export function projectFacts(project: string): Plugin {
  const sources: Record<string, () => string> = {
    /** The benchmark's shapes that plans compute, from bench/shapes. */
    [SHAPES_MODULE]() {
      const folder = resolve(project, 'bench/shapes');
      const shapes = readdirSync(folder)
        .sort()
        .flatMap((file) =>
          parseShapes(readFileSync(resolve(folder, file), 'utf8'), file.replace('.txt', '')),
        )
        .filter(({ kind }) => kind === 'plan');
      return `export default ${JSON.stringify(shapes)};`;
    },
    /** The tile sizes of KERNELS, in rows (or channels) and columns, from the kernel list. */
    [TILES_MODULE]() {
      const list = readFileSync(resolve(project, KERNEL_LIST), 'utf8');
      const entries = list.matchAll(/\bCORR2D_\w+\(\s*f32_(\w+),\s*(\d+),\s*(\d+)\s*\)/g);
      const tiles = [...entries]
        .map(([, kernel = '', rows, columns]) => ({
          kernel,
          rows: Number(rows),
          columns: Number(columns),
        }))
        .filter(({ kernel }) => KERNELS.includes(kernel));
      for (const name of KERNELS) {
        if (tiles.some(({ kernel }) => kernel === name)) continue;
        throw new Error(`${KERNEL_LIST}: found no tiles of f32_${name}; expected at least one`);
      }
      return `export default ${JSON.stringify(tiles)};`;
    },
  };
  return {
    name: 'facts',
    resolveId: (id) => (id in sources ? `\0${id}` : null),
    load: (id) => (id.startsWith('\0') ? (sources[id.slice(1)]?.() ?? null) : null),
  };
}

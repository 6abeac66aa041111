// @ts-check
// The layers of the code, and the checks that includes and imports run downwards and form no cycles.
// Biome's noImportCycles checks import statements; this graph also has the includes of C++ and the
// types that comments and declarations import with import('…').
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The layers of a tree, from the top: paths of files and folders, relative to the repository. A file
 * belongs to the layer with its longest path. It may import from its own layer and from those below.
 * @typedef {readonly (readonly string[])[]} Layers
 */

/** @type {Record<string, Layers>} */
export const TREES = {
  'C++': [
    ['bindings/embind.cpp', 'bindings/embind_types.cpp', 'bindings/typescript.cpp'],
    ['cpp/abi'],
    ['cpp/plan.cpp'],
    ['cpp/algorithms'],
    ['cpp/kernels'],
    ['cpp/core', 'cpp/include'],
  ],
  TypeScript: [
    ['bindings/src/entries'],
    ['bindings/src/worker', 'bindings/src/tfjs'],
    ['bindings/src/load.ts'],
    ['bindings/src/instance.ts'],
    ['bindings/src/operators'],
    ['bindings/src/problem'],
    ['bindings/src/tensor'],
    ['bindings/src/runtime'],
  ],
};

/**
 * Folders that share no code with the rest, and the only files outside that they may include.
 * @type {Record<string, readonly string[]>}
 */
export const ISOLATED = {
  'cpp/oracle': ['cpp/include/corr2d/problem.hpp'],
};

/** The folders in which C++ compilers look for quoted includes, after the file's own. */
const INCLUDE_FOLDERS = ['cpp', 'cpp/include', 'tests', 'tests/cpp', 'tests/sweep'];

const CPP_FILE = /\.(cpp|hpp|h|inc)$/;
const SOURCE_FILE = /\.(cpp|hpp|h|inc|[cm]?[jt]s)$/;
const INCLUDE = /^\s*#\s*include\s+"([^"]+)"/gm;
// Static and dynamic imports, re-exports, and the types that comments import.
const IMPORT = /\b(?:from|import)\s*\(?\s*(['"])(\.[^'"\n]+)\1/g;

/** @typedef {Map<string, string[]>} Graph The files that each file includes or imports. */

/**
 * Reads the includes and imports of these files. Imports of packages and of other files are left out.
 * @param {string} root @param {readonly string[]} files Relative to `root`.
 * @returns {Graph}
 */
export function readImports(root, files) {
  const known = new Set(files);
  /** @type {Graph} */
  const graph = new Map();
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    const candidates = CPP_FILE.test(file)
      ? [...text.matchAll(INCLUDE)].map(([, path]) => resolveInclude(file, path))
      : [...text.matchAll(IMPORT)].map(([, , path]) => resolveImport(file, path));
    const imported = candidates.map((paths) => paths.find((path) => known.has(path)));
    graph.set(file, [...new Set(imported.filter((path) => path !== undefined))]);
  }
  return graph;
}

/** The paths that a quoted include may mean. @param {string} file @param {string} path */
function resolveInclude(file, path) {
  return [dirname(file), ...INCLUDE_FOLDERS].map((folder) => join(folder, path));
}

/** The paths that a relative import may mean. @param {string} file @param {string} path */
function resolveImport(file, path) {
  const target = join(dirname(file), path);
  const base = target.replace(/\.js$/, '');
  return [target, `${base}.ts`, `${base}.d.ts`, `${base}/index.ts`];
}

/**
 * Import cycles: for each file the shortest cycle through it, unless a cycle found before contains it.
 * @param {Graph} graph @returns {string[][]} Each starts and ends with the same file.
 */
export function findCycles(graph) {
  /** @type {string[][]} */
  const cycles = [];
  const reported = new Set();
  for (const file of graph.keys()) {
    if (reported.has(file)) continue;
    const cycle = findPathBack(graph, file);
    if (!cycle) continue;
    cycles.push(cycle);
    for (const member of cycle) reported.add(member);
  }
  return cycles;
}

/**
 * The shortest path from a file back to itself, or null.
 * @param {Graph} graph @param {string} start
 */
function findPathBack(graph, start) {
  /** @type {Map<string, string>} */
  const importers = new Map();
  // A for-of loop over a Set also visits the values that are added during the loop.
  const queue = new Set([start]);
  for (const file of queue) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) {
        const path = [start];
        for (let at = file; at !== start; at = /** @type {string} */ (importers.get(at))) {
          path.unshift(at);
        }
        return [start, ...path];
      }
      if (!queue.has(next)) importers.set(next, file);
      queue.add(next);
    }
  }
  return null;
}

/** @param {string} file @param {string} path A file or folder. */
const isInside = (file, path) => file === path || file.startsWith(`${path}/`);

/**
 * The path in the layers that a file belongs to, and the index of its layer.
 * @param {string} file @param {Layers} layers
 */
function findLayer(file, layers) {
  const matches = layers.flatMap((paths, index) =>
    paths.filter((path) => isInside(file, path)).map((path) => ({ path, index })),
  );
  return matches.sort((a, b) => b.path.length - a.path.length).at(0);
}

/**
 * Imports that run upwards, one sentence each.
 * @param {Graph} graph @param {Layers} layers
 */
export function findUpwardImports(graph, layers) {
  const problems = [];
  for (const [file, imports] of graph) {
    const own = findLayer(file, layers);
    for (const imported of own ? imports : []) {
      const other = findLayer(imported, layers);
      if (own && other && other.index < own.index) {
        problems.push(`${file} imports ${imported}, but ${other.path} is above ${own.path}`);
      }
    }
  }
  return problems;
}

/**
 * Imports that cross the border of an isolated folder, one sentence each.
 * @param {Graph} graph @param {Record<string, readonly string[]>} isolated
 */
export function findIsolationBreaks(graph, isolated) {
  const problems = [];
  for (const [folder, allowed] of Object.entries(isolated)) {
    for (const [file, imports] of graph) {
      for (const imported of imports) {
        const leaves = isInside(file, folder) && !isInside(imported, folder);
        if (leaves && !allowed.includes(imported)) {
          problems.push(`${file} imports ${imported}, but ${folder} is isolated`);
        }
        // Tests may use an isolated folder; the library may not.
        const enters = !isInside(file, folder) && isInside(imported, folder);
        if (enters && !isInside(file, 'tests') && !isInside(file, 'tools')) {
          problems.push(`${file} imports ${imported}, but ${folder} is isolated`);
        }
      }
    }
  }
  return problems;
}

/**
 * Files below the folders that belong to none of the layers and are not isolated.
 * @param {readonly string[]} files @param {readonly string[]} folders
 */
export function findUnassigned(files, folders) {
  const assigned = [...Object.values(TREES).flat(2), ...Object.keys(ISOLATED)];
  return files
    .filter((file) => folders.some((folder) => isInside(file, folder)))
    .filter((file) => !assigned.some((path) => isInside(file, path)))
    .map((file) => `${file} belongs to no layer of tools/check/layers.mjs`);
}

/** Paths of the lists above that do not exist. @param {string} root */
function findMissingPaths(root) {
  const paths = [...Object.values(TREES).flat(2), ...Object.keys(ISOLATED)];
  const missing = paths.filter((path) => !existsSync(join(root, path)));
  return missing.map((path) => `tools/check/layers.mjs names ${path}, which does not exist`);
}

/**
 * All problems of the project's includes and imports, one sentence each.
 * @param {string} root @param {readonly string[]} files Relative to `root`.
 */
export function checkLayers(root, files) {
  const sources = files.filter((file) => SOURCE_FILE.test(file));
  const graph = readImports(root, sources);
  return [
    ...findMissingPaths(root),
    ...findUnassigned(sources, ['cpp', 'bindings/src']),
    ...findCycles(graph).map((cycle) => `Import cycle: ${cycle.join(' -> ')}`),
    ...Object.values(TREES).flatMap((layers) => findUpwardImports(graph, layers)),
    ...findIsolationBreaks(graph, ISOLATED),
  ];
}

// Tests the check of layers with files in a temporary folder.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import {
  findCycles,
  findIsolationBreaks,
  findUpwardImports,
  readImports,
} from '../../tools/check/layers.mjs';

/** @type {string} */
let root;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'corr2d-layers-'));
});

afterEach(() => rmSync(root, { recursive: true }));

/** Writes these files and reads their imports. @param {Record<string, string>} texts */
function readGraph(texts) {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return readImports(root, Object.keys(texts));
}

test('readImports finds every kind of import and include', () => {
  const graph = readGraph({
    'cpp/core/a.hpp': '#include "core/b.hpp"\n #  include "corr2d/c.hpp"\n#include <vector>',
    'cpp/core/b.hpp': '#include "d.hpp"',
    'cpp/core/d.hpp': '',
    'cpp/include/corr2d/c.hpp': '',
    'src/main.ts': [
      "import { a } from './a.js';",
      "import type { b } from '../src/b.js';",
      "import './c.js';",
      "export * from './d.js';",
      "const e = () => import('./e.js');",
      "type F = import('./f.js').F;",
      "import { x } from 'a-package';",
    ].join('\n'),
    'src/a.ts': '',
    'src/b.ts': '',
    'src/c.js': '',
    'src/d.ts': '',
    'src/e.ts': '',
    'src/f.d.ts': '',
    'tool.mjs': "/** @typedef {import('./src/c.js').C} C */",
  });
  assert.deepEqual(graph.get('cpp/core/a.hpp'), ['cpp/core/b.hpp', 'cpp/include/corr2d/c.hpp']);
  assert.deepEqual(graph.get('cpp/core/b.hpp'), ['cpp/core/d.hpp']);
  const names = ['a.ts', 'b.ts', 'c.js', 'd.ts', 'e.ts', 'f.d.ts'];
  assert.deepEqual(
    graph.get('src/main.ts'),
    names.map((name) => `src/${name}`),
  );
  assert.deepEqual(graph.get('tool.mjs'), ['src/c.js']);
});

test('findCycles reports the shortest cycle once', () => {
  const graph = readGraph({
    'a.hpp': '#include "b.hpp"',
    'b.hpp': '#include "c.hpp"\n#include "d.hpp"',
    'c.hpp': '#include "a.hpp"',
    'd.hpp': '',
    'e.hpp': '#include "a.hpp"',
  });
  assert.deepEqual(findCycles(graph), [['a.hpp', 'b.hpp', 'c.hpp', 'a.hpp']]);
});

test('findCycles accepts a diamond', () => {
  const graph = readGraph({
    'a.ts': "import './b.js'; import './c.js';",
    'b.ts': "import './d.js';",
    'c.ts': "import './d.js';",
    'd.ts': '',
  });
  assert.deepEqual(findCycles(graph), []);
});

test('findCycles follows the type imports in comments', () => {
  const graph = readGraph({
    'a.mjs': "import { b } from './b.mjs';",
    'b.mjs': "/** @type {import('./a.mjs').A} */",
  });
  assert.deepEqual(findCycles(graph), [['a.mjs', 'b.mjs', 'a.mjs']]);
});

test('findUpwardImports reports imports of a higher layer only', () => {
  const graph = readGraph({
    'cpp/top.cpp': '#include "low/a.hpp"',
    'cpp/top.hpp': '',
    'cpp/low/a.hpp': '#include "b.hpp"',
    'cpp/low/b.hpp': '#include "top.hpp"',
  });
  assert.deepEqual(findUpwardImports(graph, [['cpp/top.hpp', 'cpp/top.cpp'], ['cpp/low']]), [
    'cpp/low/b.hpp imports cpp/top.hpp, but cpp/top.hpp is above cpp/low',
  ]);
});

test('findUpwardImports assigns a file to the layer with its longest path', () => {
  const graph = readGraph({
    'src/a.ts': "import './high/b.js';",
    'src/high/b.ts': "import '../a.js';",
  });
  assert.deepEqual(findUpwardImports(graph, [['src/high'], ['src']]), [
    'src/a.ts imports src/high/b.ts, but src/high is above src',
  ]);
});

test('findIsolationBreaks reports imports into and out of an isolated folder', () => {
  const graph = readGraph({
    'cpp/oracle/a.cpp': '#include "public.hpp"\n#include "private.hpp"',
    'cpp/oracle/a.hpp': '',
    'cpp/public.hpp': '',
    'cpp/private.hpp': '',
    'cpp/user.cpp': '#include "oracle/a.hpp"',
    'tests/user.cpp': '#include "oracle/a.hpp"',
  });
  assert.deepEqual(findIsolationBreaks(graph, { 'cpp/oracle': ['cpp/public.hpp'] }), [
    'cpp/oracle/a.cpp imports cpp/private.hpp, but cpp/oracle is isolated',
    'cpp/user.cpp imports cpp/oracle/a.hpp, but cpp/oracle is isolated',
  ]);
});

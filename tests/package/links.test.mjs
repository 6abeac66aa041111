// Tests that every relative link in the documents leads to an existing file or heading: in the
// repository and, for published documents, in the package.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { install, pack, root } from './helpers.mjs';

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text) {
  const withoutCode = text.replace(/```[\s\S]*?```/g, '');
  return [...withoutCode.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/ /g, '-'),
  );
}

/** The links of a document whose target does not exist below `folder`. */
function brokenLinks(folder, file) {
  const text = readFileSync(join(folder, file), 'utf8').replace(/```[\s\S]*?```/g, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return targets
    .filter((target) => !/^(https?|mailto):/.test(target))
    .filter((target) => {
      const [path, anchor] = target.split('#');
      const linked = path === '' ? join(folder, file) : join(folder, dirname(file), path);
      if (!existsSync(linked)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(linked, 'utf8')).includes(anchor);
    })
    .map((target) => `${file}: ${target}`);
}

const list = (folder, ...args) =>
  execFileSync('git', ['ls-files', ...args], { cwd: folder, encoding: 'utf8' })
    .trim()
    .split('\n');

test('links between documents of the repository resolve', () => {
  const files = list(root, '*.md', '--cached', '--others', '--exclude-standard');
  assert.ok(files.includes('README.md') && files.includes('docs/guide.md'));
  assert.deepEqual(
    files.flatMap((file) => brokenLinks(root, file)),
    [],
  );
});

test('links between published documents resolve in the package', () => {
  const { folder, tarball, packed } = pack();
  const user = install(tarball);
  try {
    const files = packed.files.map(({ path }) => path).filter((path) => path.endsWith('.md'));
    assert.ok(files.includes('README.md') && files.includes('docs/guide.md'));
    assert.deepEqual(
      files.flatMap((file) => brokenLinks(join(user, 'node_modules', 'corr2d'), file)),
      [],
    );
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(user, { recursive: true });
  }
});

const FOLDERS = 'bench|bindings|cmake|cpp|docs|examples|tests|tools|web|\\.ci|\\.github';

test('files and folders that the documents name exist', () => {
  const files = list(root, '*.md', '--cached', '--others', '--exclude-standard');
  const missing = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
    return [...text.matchAll(new RegExp(`\`((?:${FOLDERS})/[\\w./-]*)\``, 'g'))]
      .map(([, path]) => path)
      .filter((path) => ![root, join(root, dirname(file))].some((at) => existsSync(join(at, path))))
      .map((path) => `${file}: ${path}`);
  });
  assert.deepEqual(missing, []);
});

test('the code in docs/frameworks.md is that of the examples', () => {
  // Indentation differs, because the page shows parts of functions.
  const flatten = (code) =>
    code
      .trim()
      .split('\n')
      .map((line) => line.trim())
      .join('\n');
  const page = readFileSync(join(root, 'docs/frameworks.md'), 'utf8');
  const sources = list(root, 'examples', '--cached', '--others', '--exclude-standard')
    .filter((file) => /\.(jsx?|svelte|json)$/.test(file))
    .map((file) => flatten(readFileSync(join(root, file), 'utf8')));
  const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, code]) => flatten(code));
  assert.ok(blocks.length >= 5);
  const missing = blocks.filter((block) => !sources.some((source) => source.includes(block)));
  assert.deepEqual(missing, []);
});

test('the walk-through of conv2d in docs/architecture.md names each file once', () => {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const [, section] = text.split('## The way of a call: conv2d\n');
  const passed = [...section.split('\n## ')[0].matchAll(/^\| \d+ \| `([^`]+)`/gm)].map(
    ([, path]) => path,
  );
  assert.ok(passed.length > 10);
  assert.deepEqual(passed, [...new Set(passed)]);
});

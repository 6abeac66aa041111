// @ts-check
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { debianSources } from '../../tools/setup/debian-sources.mjs';

/** @type {string} */
let aptDir;
beforeEach(() => {
  aptDir = mkdtempSync(join(tmpdir(), 'corr2d-apt-'));
  mkdirSync(join(aptDir, 'sources.list.d'));
});
afterEach(() => rmSync(aptDir, { recursive: true }));

function uris() {
  return debianSources(aptDir).map(({ uri }) => uri);
}

test('debianSources reads one-line sources', () => {
  const lines = [
    '# deb http://commented.example/debian bookworm main',
    'deb-src http://mirror.example/debian bookworm main',
    'deb [arch=amd64 signed-by=/keys/debian.gpg] http://mirror.example/debian/ bookworm main contrib',
    'deb http://mirror.example/debian bookworm-updates main # again',
    'deb http://mirror.example/debian-security bookworm-security main',
    'deb http://vendor.example/linux/debian bookworm stable',
  ];
  writeFileSync(join(aptDir, 'sources.list'), `${lines.join('\n')}\n`);
  const sources = debianSources(aptDir);
  assert.deepEqual(uris(), ['http://mirror.example/debian']);
  assert.equal(
    sources[0].stanza('trixie'),
    'Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\n' +
      'signed-by: /keys/debian.gpg\n',
  );
});

test('debianSources reads deb822 sources with comments and a multi-line key', () => {
  const paragraphs = [
    'Types: deb deb-src\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm\n' +
      'Components: main contrib\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc',
    'Types: deb\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\nEnabled: no',
    'Types: deb\nURIs: http://mirror.example/debian-security\nSuites: s\nComponents: main',
  ];
  writeFileSync(join(aptDir, 'sources.list.d/debian.sources'), `${paragraphs.join('\n\n')}\n`);
  assert.deepEqual(uris(), ['http://mirror.example/debian']);
  const stanza = debianSources(aptDir)[0].stanza('trixie');
  assert.match(stanza, /^signed-by: -----BEGIN PGP PUBLIC KEY BLOCK-----\n \.\n abc$/m);
});

test('debianSources accepts snapshots and mirror lists, but not Ubuntu', () => {
  const lines = [
    'deb [check-valid-until=no] http://snapshot.example/archive/debian/20250520T000000Z bookworm main',
    'deb mirror+file:/etc/apt/mirrors/debian.list bookworm main',
    'deb mirror+file:/etc/apt/mirrors/debian-security.list bookworm-security main',
    'deb mirror+file:/etc/apt/apt-mirrors.txt noble main',
    'deb http://archive.example/ubuntu noble main',
  ];
  writeFileSync(join(aptDir, 'sources.list.d/a.list'), lines.join('\n'));
  writeFileSync(
    join(aptDir, 'sources.list.d/b.list.disabled'),
    'deb http://no.example/debian x main',
  );
  assert.deepEqual(uris(), [
    'http://snapshot.example/archive/debian/20250520T000000Z',
    'mirror+file:/etc/apt/mirrors/debian.list',
  ]);
  assert.match(debianSources(aptDir)[0].stanza('trixie'), /^check-valid-until: no$/m);
});

test('debianSources returns nothing if there are no apt sources', () => {
  assert.deepEqual(debianSources(join(aptDir, 'nowhere')), []);
});

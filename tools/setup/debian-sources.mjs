// @ts-check
// Finds Debian mirrors in the machine's apt sources, in both of apt's formats.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} DebianSource
 * @property {string} uri
 * @property {(suite: string) => string} stanza A deb822 entry for the main component of a suite.
 */

/** @typedef {Map<string, string>} Fields Names in lower case; values may have several lines. */

const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Fields that decide whether apt trusts the mirror; they are copied to the new entry. */
const KEPT_FIELDS = ['signed-by', 'trusted', 'check-valid-until'];

/**
 * The mirrors of Debian's main archive in the machine's sources, without duplicates.
 * @param {string} [aptDir]
 * @returns {DebianSource[]}
 */
export function debianSources(aptDir = '/etc/apt') {
  const parts = join(aptDir, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).sort() : [];
  const files = [join(aptDir, 'sources.list'), ...names.map((name) => join(parts, name))];
  /** @type {Map<string, DebianSource>} */
  const found = new Map();
  for (const file of files) {
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    const entries = file.endsWith('.sources')
      ? parseDeb822(text)
      : file.endsWith('.list')
        ? parseList(text)
        : [];
    for (const entry of entries) {
      for (const uri of debianUris(entry)) {
        if (!found.has(uri)) found.set(uri, { uri, stanza: (suite) => stanza(uri, suite, entry) });
      }
    }
  }
  return [...found.values()];
}

/** @param {Fields} entry */
function debianUris(entry) {
  const words = (/** @type {string} */ name) =>
    (entry.get(name) ?? '').split(/\s+/).filter(Boolean);
  const isMain = words('types').includes('deb') && words('components').includes('main');
  if (!isMain || entry.get('enabled')?.toLowerCase() === 'no') return [];
  // Mirrors end in /debian, snapshots in /debian/TIME. /debian-security is another archive.
  const uris = words('uris').map((uri) => uri.replace(/\/+$/, ''));
  return uris.filter(
    (uri) => /\/debian(\/\d{8}T\d{6}Z)?$/.test(uri) || /^mirror\+file:.*\/debian\.list$/.test(uri),
  );
}

/** @param {string} uri @param {string} suite @param {Fields} entry */
function stanza(uri, suite, entry) {
  const lines = ['Types: deb', `URIs: ${uri}`, `Suites: ${suite}`, 'Components: main'];
  for (const name of KEPT_FIELDS) {
    if (entry.has(name)) lines.push(`${name}: ${entry.get(name)}`);
  }
  if (!entry.has('signed-by') && existsSync(DEBIAN_KEYRING))
    lines.push(`Signed-By: ${DEBIAN_KEYRING}`);
  return `${lines.join('\n')}\n`;
}

/** @param {string} text @returns {Fields[]} */
function parseDeb822(text) {
  const withoutComments = text.replace(/^#.*\n/gm, '');
  return withoutComments.split(/\n\s*\n/).map((paragraph) => {
    const fields = paragraph.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm);
    return new Map([...fields].map(([, name, value]) => [name.toLowerCase(), value.trim()]));
  });
}

/** @param {string} text @returns {Fields[]} */
function parseList(text) {
  const lines = text.matchAll(
    /^[ \t]*(deb)[ \t]+(?:\[([^\]]*)\][ \t]+)?(\S+)[ \t]+(\S+)[ \t]*([^#\n]*)/gm,
  );
  return [...lines].map(([, types, options = '', uris, suites, components]) => {
    const pairs = options
      .split(/\s+/)
      .filter(Boolean)
      .map((option) => option.split('='));
    return new Map([
      .../** @type {[string, string][]} */ (
        pairs.map(([name, value]) => [name.toLowerCase(), value])
      ),
      ...Object.entries({ types, uris, suites, components }),
    ]);
  });
}

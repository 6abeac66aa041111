// @ts-check
// Skips a build step whose inputs have not changed.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ROOT } from '../lib/root.mjs';

/**
 * Calls `work`, unless `output` exists and no input has changed since the last time.
 * @param {object} options
 * @param {string} options.stampFile Holds the hash of the inputs.
 * @param {string[]} options.inputs Files and folders.
 * @param {string} options.output
 * @param {Record<string, string>} [options.settings] Other inputs.
 * @param {() => Promise<void>} work
 */
export async function runIfChanged({ stampFile, inputs, output, settings = {} }, work) {
  const stamp = await hashFiles(inputs, JSON.stringify(settings));
  const previous = existsSync(stampFile) ? await readFile(stampFile, 'utf8') : '';
  if (previous === stamp && existsSync(output)) return;
  await rm(stampFile, { force: true });
  await work();
  await writeFile(stampFile, stamp);
}

/**
 * A hash of a text, and of the names and contents of these files and folders.
 * @param {string[]} paths @param {string} text
 */
async function hashFiles(paths, text) {
  const hash = createHash('sha256').update(text);
  for (const path of paths) {
    for (const file of await listFiles(path)) {
      hash.update(relative(ROOT, file)).update(await readFile(file));
    }
  }
  return hash.digest('hex');
}

/** All files below a folder, or the file itself. @param {string} path @returns {Promise<string[]>} */
export async function listFiles(path) {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort();
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') return [path];
    throw error;
  }
}

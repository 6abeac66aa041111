// @ts-check
// The cache folder that holds Debian's Emscripten. Each process fills its own folder (a prefix)
// and publishes it with one rename of a symbolic link. A process that is killed therefore never
// leaves an incomplete prefix in use, and concurrent processes do not disturb each other.
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { MINIMUM_VERSION } from './toolchain.mjs';

/** @typedef {import('./toolchain.mjs').Emscripten} Emscripten */

const PREFIX_NAME = `emscripten-${MINIMUM_VERSION}`;
const READY_FILE = 'corr2d-ready.json';
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/** The path of the link to the published prefix. @param {Record<string, string | undefined>} env */
export function publishedPath(env) {
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return join(resolve(cache), 'corr2d', PREFIX_NAME);
}

/**
 * Describes the Emscripten in a prefix.
 * @param {string} prefix @param {string} version
 * @param {Record<string, string | undefined>} env
 * @returns {Emscripten}
 */
export function describePrefix(prefix, version, env) {
  const folder = join(prefix, 'usr/share/emscripten');
  return {
    env: {
      PATH: `${folder}:${env.PATH}`,
      EM_CONFIG: join(prefix, 'emscripten.config'),
      EM_NODE_JS: process.execPath,
    },
    emcc: join(folder, 'emcc'),
    version,
    llvmBin: join(prefix, 'usr/lib/llvm-19/bin'),
    binaryenBin: join(prefix, 'usr/bin'),
  };
}

/**
 * The version in the published prefix, or null if there is none. The programs contain the absolute
 * path of their loader, so a prefix that was copied or moved does not count.
 * @param {string} published @returns {string | null}
 */
export function readPublishedVersion(published) {
  try {
    const ready = JSON.parse(readFileSync(join(published, READY_FILE), 'utf8'));
    return ready.prefix === realpathSync(published) ? ready.version : null;
  } catch {
    return null;
  }
}

/** Creates an empty prefix that belongs to this process. @param {string} published */
export function createPrefix(published) {
  mkdirSync(dirname(published), { recursive: true });
  const owner = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const prefix = join(realpathSync(dirname(published)), `${basename(published)}.${owner}`);
  mkdirSync(prefix);
  return prefix;
}

/**
 * Points the published link at a finished prefix.
 * @param {string} prefix @param {string} published @param {string} version
 */
export function publish(prefix, published, version) {
  writeFileSync(join(prefix, READY_FILE), JSON.stringify({ prefix, version }));
  // If another process was faster, builds may already be using its prefix.
  if (readPublishedVersion(published) !== null) {
    rmSync(prefix, { recursive: true, force: true });
    return;
  }
  if (existsSync(published) && readLink(published) === null) {
    rmSync(published, { recursive: true, force: true });
  }
  symlinkSync(basename(prefix), `${prefix}.link`);
  renameSync(`${prefix}.link`, published);
}

/** Removes the prefixes of processes that have died. @param {string} published */
export function removeAbandoned(published) {
  const parent = dirname(published);
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    const [, host, pid] = /^\.(.+)-(\d+)-[0-9a-f]{8}(?:\.link)?$/.exec(
      name.startsWith(PREFIX_NAME) ? name.slice(PREFIX_NAME.length) : '',
    ) ?? ['', '', ''];
    if (!pid || isOwnerAlive(join(parent, name), host, Number(pid))) continue;
    // This check must follow the one above: a living owner might publish the prefix in between.
    if (readLink(published) === name && readPublishedVersion(published) !== null) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // A program that the dead process started may still be writing there. A later run removes it.
    }
  }
}

/** @param {string} path @param {string} host @param {number} pid */
function isOwnerAlive(path, host, pid) {
  // Processes of another machine or container that shares this folder are not visible here.
  if (host !== hostname()) return Date.now() - lstatSync(path).mtimeMs < ABANDONED_AFTER_MS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** The target of a symbolic link, or null if it is not one. @param {string} link */
function readLink(link) {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}

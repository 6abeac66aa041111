// @ts-check
// Finds Emscripten, or downloads Debian 13's packages into the user's cache folder without changing
// the system. They are unpacked together with Debian 13's C library, so they also run on older
// releases.
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { info, step } from '../lib/log.mjs';
import { CommandError, SetupError, which } from '../lib/run.mjs';
import { debianSources } from './debian-sources.mjs';
import { download, unpack } from './emscripten/download.mjs';
import { findInstalled } from './emscripten/installed.mjs';
import {
  createPrefix,
  describePrefix,
  publish,
  publishedPath,
  readPublishedVersion,
  removeAbandoned,
} from './emscripten/prefix.mjs';
import { ARCHITECTURES, relocatePrograms, writeConfig } from './emscripten/relocate.mjs';
import { smokeTest } from './emscripten/smoke-test.mjs';
import { MINIMUM_VERSION } from './emscripten/toolchain.mjs';
import { ensureSystemTools, thisMachine } from './system-tools.mjs';

/** @typedef {import('./emscripten/toolchain.mjs').Emscripten} Emscripten */

/**
 * @typedef {object} Options
 * @property {Record<string, string | undefined>} [env]
 * @property {string} [aptDir] The folder of the machine's own package sources.
 * @property {NodeJS.Architecture} [arch]
 */

const EMSDK_STEPS = `Emscripten ${MINIMUM_VERSION} or newer is needed. To install it:

  git clone https://github.com/emscripten-core/emsdk.git
  ./emsdk/emsdk install ${MINIMUM_VERSION}
  ./emsdk/emsdk activate ${MINIMUM_VERSION}
  source ./emsdk/emsdk_env.sh

Then run the same command again in that shell.`;

/**
 * @param {Options} [options]
 * @returns {Promise<Emscripten>}
 */
export async function ensureEmscripten(options = {}) {
  const env = options.env ?? process.env;
  const installed = await findInstalled(env);
  if (installed) return installed;

  const published = publishedPath(env);
  const version =
    readPublishedVersion(published) ?? (await installFromDebian(published, env, options));
  return describePrefix(published, version, env);
}

/**
 * Downloads Emscripten, publishes it and returns its version.
 * @param {string} published @param {Record<string, string | undefined>} env
 * @param {Options} options
 */
async function installFromDebian(published, env, { aptDir, arch = process.arch }) {
  const architecture = ARCHITECTURES[arch];
  const hasTools = ['apt-get', 'dpkg-deb', 'tar', 'bash'].every((name) => which(name, env));
  const sources = architecture && hasTools ? debianSources(aptDir) : [];
  if (!architecture || sources.length === 0) throw new SetupError(EMSDK_STEPS);
  await ensureSystemTools(['python3'], { machine: { ...thisMachine(), env } });

  removeAbandoned(published);
  const prefix = createPrefix(published);
  info(`Downloading Emscripten ${MINIMUM_VERSION} (about 340 MB) to ${dirname(published)}`);
  try {
    const debs = await download(prefix, sources, architecture.debian, env);
    await unpack(prefix, debs, env);
    const version = await step('Setting up Emscripten', async () => {
      await relocatePrograms(prefix, architecture, env);
      writeConfig(prefix);
      return smokeTest(prefix, env);
    });
    publish(prefix, published, version);
    removeAbandoned(published);
    return version;
  } catch (error) {
    rmSync(prefix, { recursive: true, force: true });
    if (!(error instanceof CommandError)) throw error;
    throw new SetupError(`Emscripten could not be downloaded.\n${error.message}\n\n${EMSDK_STEPS}`);
  }
}

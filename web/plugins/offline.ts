import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';
import { PREVIEW } from './open-graph.ts';

export const SERVICE_WORKER = 'service-worker';

/**
 * Fills in the placeholders of web/src/offline/service-worker.ts after the build: PRECACHE with the
 * list of all files that the page uses, VERSION with a hash of their contents.
 */
export function offline(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'offline',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle() {
      const out = config.build.outDir;
      const serviceWorkerFile = join(out, `${SERVICE_WORKER}.js`);
      const files = readdirSync(out, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
        .filter((file) => file !== serviceWorkerFile && file !== join(out, PREVIEW))
        .sort();
      const hash = createHash('sha256');
      for (const file of files) hash.update(file).update(readFileSync(file));
      const names = files.map((file) => relative(out, file).split(sep).join('/'));
      // The page itself is requested as its folder.
      const precache = names.map((name) => (name === 'index.html' ? './' : name));
      const source = readFileSync(serviceWorkerFile, 'utf8')
        .replace(/(["'`])%VERSION%\1/, JSON.stringify(hash.digest('hex').slice(0, 16)))
        .replace(/\[(["'`])%PRECACHE%\1\]/, JSON.stringify(precache));
      if (source.includes('%'))
        throw new Error(
          'service-worker.js: a placeholder was not replaced; expected %VERSION% and %PRECACHE%',
        );
      writeFileSync(serviceWorkerFile, source);
    },
  };
}

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';

export const SERVICE_WORKER = 'service-worker';

/**
 * Tells the service worker what the page consists of, once all of it has been written: the list
 * takes the place of PRECACHE in web/src/offline/service-worker.ts, and a hash of it all of VERSION.
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
        .filter((file) => file !== serviceWorkerFile)
        .sort();
      const hash = createHash('sha256');
      for (const file of files) hash.update(file).update(readFileSync(file));
      const names = files.map((file) => relative(out, file).split(sep).join('/'));
      // The page itself is asked for by its folder.
      const precache = names.map((name) => (name === 'index.html' ? './' : name));
      const source = readFileSync(serviceWorkerFile, 'utf8')
        .replace(/(["'`])%VERSION%\1/, JSON.stringify(hash.digest('hex').slice(0, 16)))
        .replace(/\[(["'`])%PRECACHE%\1\]/, JSON.stringify(precache));
      if (source.includes('%')) throw new Error('the service worker has lost its placeholders');
      writeFileSync(serviceWorkerFile, source);
    },
  };
}

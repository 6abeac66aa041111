// Installs several versions of Node, Deno and Bun from the npm registry.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../package/helpers.mjs';
import { installIn } from './helpers.mjs';

const { platform, arch } = process;
const bunArch = arch === 'arm64' ? 'aarch64' : arch;
// The packages of this platform: the usual packages download them in install scripts.
const wanted = {
  ...Object.fromEntries(
    ['20.20.2', '22.23.3', '24.21.0', '26.10.0'].map((version) => [
      `node ${version.slice(0, 2)}`,
      { name: `node-${platform}-${arch}`, version, program: 'bin/node' },
    ]),
  ),
  deno: {
    name: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`,
    version: '2.9.6',
    program: 'deno',
  },
  bun: { name: `@oven/bun-${platform}-${bunArch}`, version: '1.4.5', program: 'bin/bun' },
};

/** Installs the runtimes in build/runtimes if needed. Returns the path of each program. */
export async function installRuntimes() {
  const folder = join(root, 'build', 'runtimes');
  const entries = Object.entries(wanted).map(([runtime, { name, version, program }]) => {
    const alias = runtime.replace(' ', '-');
    const path = join(folder, 'node_modules', alias, program);
    return { runtime, spec: `${alias}@npm:${name}@${version}`, path };
  });
  const specs = entries.map(({ spec }) => spec);
  const stamp = join(folder, 'installed');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== specs.join()) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    await installIn(folder, specs);
    writeFileSync(stamp, specs.join());
  }
  return Object.fromEntries(entries.map(({ runtime, path }) => [runtime, path]));
}

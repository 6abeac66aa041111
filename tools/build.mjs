// @ts-check
// Builds the package: the wasm variants by CMake and Emscripten, then dist/ from them and from
// bindings/src. What has not changed is not built again.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { step } from './lib/log.mjs';
import { attempt, capture, reportFailure } from './lib/run.mjs';
import { hasThreads, VARIANTS } from './lib/variants.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

/** @typedef {Awaited<ReturnType<typeof ensureEmscripten>>} Emscripten */

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What `buildPackage` wants to be in a copy of the project. */
export const PACKAGE_SOURCES = [
  ...['bindings', 'cmake', 'cpp', 'tests/sweep', 'tools/calibrate'],
  ...['CMakeLists.txt', 'CMakePresets.json', 'package.json'],
];

/**
 * Builds dist/ of the project in `root`: this one, or a changed copy of it that a test made.
 * @param {object} options
 * @param {Emscripten} options.emscripten
 * @param {string} [options.root]
 * @param {readonly string[]} [options.variants] Those to compile, where the others have been put
 */
export async function buildPackage({ emscripten, root = ROOT, variants = VARIANTS }) {
  for (const variant of variants) await buildVariant(emscripten, variant, root);
  const inputs = [
    join(root, 'package.json'),
    join(root, 'bindings'),
    fileURLToPath(import.meta.url),
    ...VARIANTS.map((variant) => join(root, 'build', `wasm-${variant}`, 'corr2d.mjs')),
    ...VARIANTS.map((variant) => join(root, 'build', `wasm-${variant}`, 'corr2d.wasm')),
  ];
  await ifChanged(join(root, 'build', 'package.stamp'), inputs, join(root, 'dist'), () =>
    step('Bundling dist/', () => bundle(root, emscripten)),
  );
}

/** Builds the demo page into build/web. */
export async function buildWeb() {
  // The terms are put beside the page, and it tells of the benchmark's shapes and the kernels' tiles.
  const names = [
    ...['web', 'dist', 'package-lock.json', 'LICENSE', 'THIRD_PARTY_NOTICES.md'],
    ...['bench/shapes', 'bench/shapes.mjs', 'cpp/kernels/list.cpp'],
  ];
  const inputs = names.map((name) => join(ROOT, name));
  await ifChanged(join(ROOT, 'build', 'web.stamp'), inputs, join(ROOT, 'build', 'web'), () =>
    step('Building the page', () => vite()),
  );
}

/**
 * Runs `vite build` for the page.
 * @param {Record<string, string>} [env] Settings of web/vite.config.ts
 */
export async function vite(env = {}) {
  const program = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  await capture(process.execPath, [program, 'build', 'web'], { cwd: ROOT, env });
}

/**
 * Builds the native library and its tests, or one of their programs.
 * @param {'native-debug' | 'native-release' | 'native-tsan' | 'native-fuzz' | 'native-coverage'} preset
 * @param {string} [target]
 */
export async function buildNative(preset, target = 'all') {
  await step(`Building ${preset}`, async () => {
    if (!existsSync(join(ROOT, 'build', preset, 'build.ninja'))) {
      await capture('cmake', ['--preset', preset], { cwd: ROOT });
    }
    await capture('cmake', ['--build', '--preset', preset, '--target', target], { cwd: ROOT });
  });
}

/**
 * Builds the sweep (tests/sweep) as a program for Node and gives its path.
 * @param {{ emscripten: Emscripten, variant: string }} options
 */
export async function buildSweep({ emscripten, variant }) {
  await buildVariant(emscripten, variant, ROOT, 'corr2d_sweep');
  return join(ROOT, 'build', `wasm-${variant}`, 'tests', 'sweep', 'corr2d_sweep.cjs');
}

/**
 * Builds what npm run calibrate runs (tools/calibrate), likewise.
 * @param {{ emscripten: Emscripten, variant: string }} options
 */
export async function buildCalibration({ emscripten, variant }) {
  await buildVariant(emscripten, variant, ROOT, 'corr2d_calibrate');
  return join(ROOT, 'build', `wasm-${variant}`, 'tools', 'calibrate', 'corr2d_calibrate.cjs');
}

/**
 * @param {Emscripten} emscripten @param {string} variant @param {string} root
 * @param {string} [target]
 */
async function buildVariant(emscripten, variant, root, target = 'all') {
  const preset = `wasm-${variant}`;
  const directory = join(root, 'build', preset);
  const emConfig = join(dirname(emscripten.emcc), 'em-config');
  const toolchain = (await capture(emConfig, ['EMSCRIPTEN_ROOT'], { env: emscripten.env })).trim();
  const env = { ...emscripten.env, CORR2D_EMSCRIPTEN: toolchain };
  // A build directory belongs to the toolchain that configured it.
  const stampFile = join(directory, 'toolchain.stamp');
  const stamp = `${toolchain} ${emscripten.version}`;
  const known = existsSync(stampFile) ? await readFile(stampFile, 'utf8') : '';
  const build = ['--build', '--preset', preset, '--target', target];
  if (known === stamp && (await isUpToDate(build, root, env))) return;
  const what = target === 'all' ? '' : ` of ${target}`;
  await step(`Compiling the ${variant} variant${what}`, async () => {
    if (known !== stamp) {
      await rm(directory, { recursive: true, force: true });
      await capture('cmake', ['--preset', preset], { cwd: root, env });
      await writeFile(stampFile, stamp);
    }
    await capture('cmake', build, { cwd: root, env });
  });
}

/**
 * Whether Ninja would do nothing there.
 * @param {string[]} build CMake's arguments @param {string} root
 * @param {Record<string, string | undefined>} env
 */
async function isUpToDate(build, root, env) {
  const { status, stdout } = await attempt('cmake', [...build, '--', '-n'], { cwd: root, env });
  return status === 0 && stdout.includes('no work to do');
}

/**
 * Makes dist/ from the variants and from bindings/src.
 * @param {string} root @param {Emscripten} emscripten
 */
async function bundle(root, emscripten) {
  // Only now: these come from node_modules.
  const { rolldown } = await import('rolldown');
  const { version, dist, common, output } = await bundling(root);
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });

  const sources = join(root, 'bindings', 'src');
  const { plainGlue, threadsGlue } = await gluesOf(root);
  /**
   * Bundles a module of this text. @param {string} name @param {readonly string[]} lines
   */
  const bundleText = async (name, lines) => {
    const bundled = await rolldown({
      ...common,
      input: { [name]: name },
      plugins: [
        trimGlue,
        {
          name: 'text',
          resolveId(id) {
            if (id === name) return id;
            if (id === 'corr2d-glue') return plainGlue;
            // The glue of a worker is all side effect, which package.json denies.
            return isAbsolute(id) ? { id, moduleSideEffects: true } : null;
          },
          load: (id) => (id === name ? lines.join('\n') : null),
        },
        terser(),
      ],
    });
    // Generated glue and base64: a source map would be larger than they are and help nobody.
    await bundled.write({ ...output, minify: false });
    await bundled.close();
  };

  const load = (/** @type {string} */ path) => JSON.stringify(path);
  const threadsCode = [
    `import createModule from ${load(threadsGlue)};`,
    `import { crewOf } from ${load(join(sources, 'crew.ts'))};`,
    'const makeCrew = crewOf({',
    // As bundlers want it: https://webpack.js.org/guides/web-workers/ says so, for one.
    "  start: () => new Worker(new URL('./thread-worker.js', import.meta.url), { type: 'module', name: 'em-pthread' }),",
    // As they leave it alone: only Node comes here, with files as they are.
    "  url: () => import.meta.resolve?.('./thread-worker.js'),",
    '});',
  ];
  // The bytes of each variant are a file of their own, which the entries import by that name.
  for (const variant of VARIANTS) {
    const built = join(root, 'build', `wasm-${variant}`);
    const ordered = await reordered(join(built, 'corr2d.wasm'), emscripten);
    const wasm = stamped(ordered, `${variant} ${version}`);
    await writeFile(join(dist, `corr2d-${variant}.wasm`), wasm);
    const bytes = `const compressed = '${(await deflated(wasm)).toString('base64')}';`;
    await bundleText(`variant-${variant}`, [
      bytes,
      ...(hasThreads(variant)
        ? [...threadsCode, 'export default { compressed, createModule, makeCrew };']
        : ['export default { compressed };']),
    ]);
  }
  // It starts by itself where its worker has the name.
  await bundleText('thread-worker', [
    `import ${load(join(sources, 'thread-worker.ts'))};`,
    `import ${load(threadsGlue)};`,
  ]);

  // In one file, as bundlers have trouble with workers that import.
  await bundleText('client-worker', [
    ...threadsCode,
    `import { serve } from ${load(join(sources, 'client-host.ts'))};`,
    'serve({ createModule, makeCrew });',
  ]);

  await bundleEntries(root);

  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  await capture(process.execPath, [tsc, '-p', join(root, 'bindings'), '--outDir', dist], {
    cwd: ROOT,
  });
  await removeInternalTypes(dist);
}

/** What all bundles of dist/ share. @param {string} root */
async function bundling(root) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const dist = join(root, 'dist');
  const define = {
    CORR2D_VERSION: JSON.stringify(version),
    // The glue asks whether there is one. In place of a `process` that is declared nowhere Parcel
    // would install a package of Node's.
    process: 'globalThis.process',
  };
  const common = {
    transform: { define, target: 'es2022' },
    // A busy machine is no reason to fail: they would be warnings.
    checks: { bundlerTimings: false },
    /** @type {import('rolldown').OnLogFunction} */
    onLog(level, log, handle) {
      if (level === 'warn') throw new Error(log.message);
      handle(level, log);
    },
  };
  /** @type {import('rolldown').OutputOptions} */
  const output = { dir: dist, format: 'esm' };
  return { version, dist, common, output };
}

/**
 * Bundles the entries into dist/, beside the files of the variants.
 * @param {string} root
 */
export async function bundleEntries(root) {
  const { rolldown } = await import('rolldown');
  const { common, output } = await bundling(root);
  const sources = join(root, 'bindings', 'src');
  const { plainGlue } = await gluesOf(root);
  const bundled = await rolldown({
    ...common,
    input: Object.fromEntries(
      ['index', 'worker', 'tfjs', ...VARIANTS].map((entry) => [
        entry,
        join(sources, `${entry}.ts`),
      ]),
    ),
    plugins: [
      trimGlue,
      {
        name: 'variants',
        resolveId(id) {
          if (id === 'corr2d-glue') return plainGlue;
          const [, variant] = id.split('corr2d-variant:');
          return variant ? { id: `./variant-${variant}.js`, external: true } : null;
        },
      },
      // People see this code. Consoles print the names of classes, and Node the line from which an
      // uncaught error was thrown.
      terser({
        compress: { ...compress, sequences: false },
        mangle: { reserved: ['Client', 'Corr2d', 'Corr2dError', 'Plan', 'RemotePlan', 'Tensor'] },
        format: { max_line_len: 330, semicolons: false },
        sourceMap: { asObject: true },
      }),
    ],
  });
  await bundled.write({
    ...output,
    chunkFileNames: '[name].js',
    // What entries that compute nothing have in common with the others is little.
    codeSplitting: {
      groups: [
        { name: 'common', test: /(corr2d-error|picture|version)\.ts$/ },
        { name: 'core', test: /\.ts$/, minShareCount: 2 },
      ],
    },
    minify: false,
    sourcemap: true,
  });
  await bundled.close();
}

/** The glue of the variants without threads, and of those with threads. @param {string} root */
async function gluesOf(root) {
  const [plainGlue, threadsGlue] = await Promise.all([
    glueOf(
      VARIANTS.filter((variant) => !hasThreads(variant)),
      root,
    ),
    glueOf(VARIANTS.filter(hasThreads), root),
  ]);
  return { plainGlue, threadsGlue };
}

/**
 * The glue of these variants, which is one: it knows imports and exports, and not what is between
 * them.
 * @param {readonly string[]} variants @param {string} root
 */
async function glueOf(variants, root) {
  const paths = variants.map((variant) => join(root, 'build', `wasm-${variant}`, 'corr2d.mjs'));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  if (new Set(texts).size > 1) {
    throw new Error(`These are to be one file, and are not: ${paths.join(', ')}`);
  }
  return /** @type {string} */ (paths[0]);
}

/**
 * Takes the glue's own ways to fetch and compile out, as the package always hands in
 * `instantiateWasm`. Where another version of Emscripten words it otherwise they stay.
 * @type {import('rolldown').Plugin}
 */
const trimGlue = {
  name: 'trim-glue',
  transform: {
    filter: { id: /corr2d\.mjs$/ },
    handler: (code) => ({
      code: code.replace(
        /if\((Module\["instantiateWasm"\])\)\{try\{return \1(\([^)]*\))\}catch\(e\)\{.*?\}\}/,
        'return $1$2;',
      ),
      map: null,
    }),
  },
};

const compress = { passes: 3, keep_fargs: false, unsafe_arrows: true, pure_getters: true };

/**
 * Minifies by Terser, which makes less of it than rolldown does, and keeps quotes.
 * @param {import('terser').MinifyOptions} [options]
 * @returns {import('rolldown').Plugin}
 */
function terser(options) {
  return {
    name: 'terser',
    async renderChunk(code) {
      const { minify } = await import('terser');
      const { code: small, map } = await minify(code, {
        module: true,
        ecma: 2020,
        compress,
        ...options,
      });
      return { code: /** @type {string} */ (small), map: /** @type {any} */ (map ?? null) };
    },
  };
}

/**
 * Removes the declarations that no entry leads to. Nobody can import them, and TypeScript would have
 * to know WebAssembly to read them.
 * @param {string} dist
 */
async function removeInternalTypes(dist) {
  const reached = new Set(
    ['index', 'worker', 'tfjs', ...VARIANTS, 'thread-worker', 'binary'].map(
      (entry) => `${entry}.d.ts`,
    ),
  );
  // What is added to a set while it is walked through has its turn too.
  for (const name of reached) {
    const text = await readFile(join(dist, name), 'utf8');
    for (const [, module] of text.matchAll(/(?:from |import\()'\.\/([\w-]+)\.js'/g)) {
      reached.add(`${module}.d.ts`);
    }
  }
  for (const file of await filesIn(dist)) {
    if (file.endsWith('.d.ts') && !reached.has(basename(file))) await rm(file);
  }
}

/**
 * With its functions in the order of how much they are used, in which they compress better by 1 %:
 * once more, as Emscripten leaves some out after it has put them in order.
 * @param {string} wasm @param {Emscripten} emscripten
 */
async function reordered(wasm, { emcc, env }) {
  const emConfig = join(dirname(emcc), 'em-config');
  const binaryen = (await capture(emConfig, ['BINARYEN_ROOT'], { env })).trim();
  const output = join(dirname(wasm), 'corr2d.reordered.wasm');
  const options = ['--all-features', '--reorder-functions', wasm, '-o', output];
  await capture(join(binaryen, 'bin', 'wasm-opt'), options, { env });
  return readFile(output);
}

/**
 * In the zlib format, by Zopfli: 5 % smaller than zlib's best, and slow only here.
 * @param {Buffer} bytes
 */
async function deflated(bytes) {
  const { default: zopfli } = await import('@gfx/zopfli');
  return Buffer.from(await zopfli.zlibAsync(bytes, { numiterations: 60 }));
}

/**
 * `wasm` with a custom section that says what it is: bindings/src/wasm.ts reads it.
 * @param {Buffer} wasm @param {string} text
 */
function stamped(wasm, text) {
  const name = Buffer.from('corr2d');
  const content = Buffer.concat([Buffer.from([name.length]), name, Buffer.from(text)]);
  // Lengths below 128 are their own LEB128.
  if (content.length > 127) throw new Error(`The stamp is too long: ${text}`);
  return Buffer.concat([wasm, Buffer.from([0, content.length]), content]);
}

/**
 * Does `work`, unless `output` is there and no input has changed since it was last done.
 * @param {string} stampFile @param {string[]} inputs Files and folders
 * @param {string} output @param {() => Promise<void>} work
 */
async function ifChanged(stampFile, inputs, output, work) {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of await filesIn(input)) {
      hash.update(relative(ROOT, file)).update(await readFile(file));
    }
  }
  const stamp = hash.digest('hex');
  const known = existsSync(stampFile) ? await readFile(stampFile, 'utf8') : '';
  if (known === stamp && existsSync(output)) return;
  await rm(stampFile, { force: true });
  await work();
  await writeFile(stampFile, stamp);
}

/** The files in a folder, or the file itself. @param {string} path @returns {Promise<string[]>} */
async function filesIn(path) {
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

async function main() {
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  await buildPackage({ emscripten: await ensureEmscripten() });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);

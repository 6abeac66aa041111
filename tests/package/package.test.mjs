// Tests the packed tarball, installed in an empty folder.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { install, node, pack, root } from './helpers.mjs';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { examples } = JSON.parse(
  readFileSync(join(root, 'tests/fixtures/chapter/torch-1.13.json'), 'utf8'),
);
const printed = (name) => examples.find((example) => example.name === name).Y.text;

let archive;
let user;

before(() => {
  archive = pack();
  user = install(archive.tarball);
});

after(() => {
  rmSync(archive.folder, { recursive: true });
  rmSync(user, { recursive: true });
});

const installed = (...path) => join(user, 'node_modules', 'corr2d', ...path);
const shipped = (ending) =>
  readdirSync(installed('dist'), { recursive: true }).filter((name) => name.endsWith(ending));

test("the chapter's examples print what PyTorch prints", async () => {
  const { status, stdout, stderr } = await node(
    user,
    `
    import { load } from 'corr2d';
    const c = await load();
    const X = c.tensor([[[[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]);
    let K = c.tensor([[[[0, 1], [2, 3]], [[1, 2], [3, 4]]]]);
    console.log(String(c.corr2dMultiIn(X, K)));
    K = K.reshape([2, 2, 2]);
    K = c.stack([K, K.add(1), K.add(2)], 0);
    console.log(JSON.stringify(K.shape));
    console.log(String(c.corr2dMultiInOut(X, K)));
    const A = c.normal(0, 1, [3, 3, 3]);
    const B = c.normal(0, 1, [2, 3, 1, 1]);
    const difference = c.corr2dMultiInOut1x1(A, B).sub(c.corr2dMultiInOut(A, B));
    console.log(difference.abs().sum().item() < 1e-6);
    `,
  );
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const expected = [printed('7.4.1'), '[3,2,2,2]', printed('7.4.2'), 'true'];
  assert.equal(stdout, `${expected.join('\n')}\n`);
});

test('a wrong call throws a Corr2dError with its code', async () => {
  const { stdout } = await node(
    user,
    `
    import { Corr2dError, load } from 'corr2d';
    const c = await load();
    try {
      c.corr2d([[1, 2], [3]], [[1]]);
    } catch (error) {
      console.log(error instanceof Corr2dError, error.name, error.code, error.message);
    }
    `,
  );
  assert.match(stdout, /^true Corr2dError INVALID_ARGUMENT corr2d: X\[1\] is an array of length 1/);
});

test('console.log prints a tensor, and an uncaught error prints no minified code', async () => {
  const { status, stdout, stderr } = await node(
    user,
    `
    import { load } from 'corr2d';
    const c = await load();
    console.log(c.corr2d([[1, 2]], [[3]]));
    c.corr2d([[1, 2]], [['3']]);
    `,
  );
  assert.equal(stdout, 'tensor([[3., 6.]])\n');
  assert.notEqual(status, 0);
  assert.match(stderr, /Corr2dError: corr2d: K\[0\]\[0\] is "3"; expected a number/);
  assert.match(stderr, /expected a number\n {4}at file:\S+program\.mjs:5:7 \{\n/);
  const longest = Math.max(...stderr.split('\n').map((line) => line.length));
  assert.ok(longest < 400 && stderr.length < 4000, stderr);
});

test('every entry of the package loads', async () => {
  const { stdout, stderr } = await node(
    user,
    `
    import { readFileSync } from 'node:fs';
    import { createRequire } from 'node:module';
    import * as main from 'corr2d';
    import * as simd from 'corr2d/simd';
    import * as relaxed from 'corr2d/relaxed';
    import * as threads from 'corr2d/threads';
    import * as relaxedThreads from 'corr2d/relaxed-threads';
    const names = (entry) => Object.keys(entry).sort().join();
    const others = [simd, relaxed, threads, relaxedThreads];
    console.log(others.every((entry) => names(main) === names(entry)), names(main));
    console.log((await simd.load()).features.variant);
    const { features } = await threads.load({ threads: 2 });
    console.log(features.variant, features.threads);
    const resolve = createRequire(import.meta.url).resolve;
    for (const name of ['simd', 'relaxed', 'threads', 'relaxed-threads']) {
      const file = 'corr2d/wasm/' + name + '.wasm';
      const [section] = WebAssembly.Module.customSections(
        new WebAssembly.Module(readFileSync(resolve(file))), 'corr2d');
      console.log(new TextDecoder().decode(section));
    }
    const c = await main.load({ wasm: readFileSync(resolve('corr2d/wasm/simd.wasm')) });
    console.log(c.version, String(c.corr2d([[1, 2]], [[3]])));
    const worker = await import('corr2d/worker');
    console.log(names(worker), worker.Corr2dError === main.Corr2dError);
    const client = await worker.createClient({ threads: 2 });
    const { shape, data } = await client.corr2d([[1, 2]], [[3]]);
    console.log(client.version, client.features.threads, shape.join(), data.join());
    console.log(names(await import('corr2d/tfjs')));
    for (const script of ['thread-worker', 'client-worker']) {
      readFileSync(resolve('corr2d/' + script + '.js'));
    }
    `,
    {
      flags: ['--experimental-wasm-relaxed-simd'].filter(() => process.version.startsWith('v20.')),
    },
  );
  assert.equal(stderr, '');
  const version = manifest.version;
  const lines = stdout.trim().split('\n');
  // The stamps end in a hash of the interface between C++ and TypeScript, the same in all variants.
  const [hash] = /[0-9a-f]{8}$/.exec(lines[3]) ?? assert.fail(lines[3]);
  assert.deepEqual(lines, [
    'true Corr2dError,Tensor,load,version',
    'simd',
    'threads 2',
    `simd ${version} ${hash}`,
    `relaxed ${version} ${hash}`,
    `threads ${version} ${hash}`,
    `relaxed-threads ${version} ${hash}`,
    `${version} tensor([[3., 6.]])`,
    'Client,Corr2dError,RemoteImage,RemotePlan,RemoteTensor,createClient,version true',
    `${version} 2 1,2 3,6`,
    'Corr2dError,register',
  ]);
});

test('TypeScript finds the declarations, which reject wrong calls', () => {
  writeFileSync(
    join(user, 'program.ts'),
    `
    import { load, type Corr2d, type Tensor } from 'corr2d';
    import { load as loadSimd } from 'corr2d/simd';
    const c: Corr2d = await load({ simd: 'auto' });
    const y: Tensor = c.corr2d([[1, 2], [3, 4]], { data: [1], shape: [1, 1] });
    const shape: readonly number[] = y.shape;
    // @ts-expect-error: text is not a tensor
    c.corr2d('text', y);
    import { createClient, type Client, type PlainTensor } from 'corr2d/worker';
    const client: Client = await createClient({ threads: 'auto' });
    const z: PlainTensor = await client.conv2d(y, [[[[1]]]], { stride: 2, onProgress() {} });
    c.corr2d(z, y);
    // @ts-expect-error: methods of a client have no option out
    await client.conv2d(y, z, { out: y });
    await client.relu(y, { onProgress() {} });
    // @ts-expect-error: arange has no option onProgress
    await client.arange(3, { onProgress() {} });
    // @ts-expect-error: simd cannot be 'fast'
    await loadSimd({ simd: 'fast' });
    export { shape };
    `,
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  writeFileSync(
    join(user, 'picture.ts'),
    `
    import { load } from 'corr2d';
    const c = await load();
    declare const context: CanvasRenderingContext2D;
    context.putImageData(c.toImageData([[0, 1]]), 0, 0);
    import { createClient } from 'corr2d/worker';
    const client = await createClient({ worker: () => new Worker('client-worker.js') });
    const { signal } = new AbortController();
    context.putImageData(await client.toImageData([[0, 1]], { signal }), 0, 0);
    await client.fromImage(document.createElement('canvas'), { channels: 1 });
    `,
  );
  for (const options of [
    ['--module', 'nodenext', '--moduleResolution', 'nodenext'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ]) {
    const args = [tsc, '--strict', '--noEmit', '--target', 'es2022', '--types', '', ...options];
    // Declarations are checked too, against the standard library only.
    args.push('--skipLibCheck', 'false');
    const compile = (...more) =>
      execFileSync(process.execPath, [...args, ...more], { cwd: user, stdio: 'inherit' });
    compile('program.ts');
    compile('program.ts', '--lib', 'es2022');
    compile('picture.ts', '--lib', 'es2022,dom');
  }
});

test('the tarball contains dist/, documents and examples only', () => {
  const files = archive.packed.files.map(({ path }) => path);
  const outside = files.filter((path) => !path.startsWith('dist/'));
  const documents = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  const others = ['LICENSE', 'THIRD_PARTY_NOTICES.md', 'bench/README.md', 'bench/performance.svg'];
  const listed = execFileSync('git', ['ls-files', 'examples', 'docs/*.md', 'docs/images'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.deepEqual(
    outside.sort(),
    ['package.json', ...documents, ...others, ...listed.trim().split('\n')].sort(),
  );
  assert.ok(archive.packed.size <= 1.1e6, `${archive.packed.size} bytes packed`);
});

test('a page loads at most 87 kB gzipped, 102 kB with threads, 101 kB with a client', (context) => {
  const sizeBy = (compress) => (name) => compress(readFileSync(installed('dist', name))).length;
  // Servers compress each file separately.
  const gzip = sizeBy((bytes) => gzipSync(bytes, { level: 9 }));
  const brotli = sizeBy(brotliCompressSync);
  const variants = shipped('.js').flatMap((name) => /^variant-(.*)\.js$/.exec(name)?.[1] ?? []);
  assert.ok(variants.includes('simd') && variants.includes('relaxed'));
  for (const variant of variants) {
    const names = ['index.js', 'common.js', 'core.js', `variant-${variant}.js`];
    if (variant.endsWith('threads')) names.push('thread-worker.js');
    const [gzipped, brotlied] = [gzip, brotli].map((size) => {
      const sizes = names.map(size);
      return { sizes, total: sizes.reduce((sum, one) => sum + one) };
    });
    context.diagnostic(
      `${variant}: ${gzipped.total} bytes gzipped (${gzipped.sizes.join(' + ')}), ${brotlied.total} by brotli`,
    );
    const limit = variant.endsWith('threads') ? 102_000 : 87_000;
    assert.ok(gzipped.total <= limit, `${variant}: ${gzipped.total} bytes`);
  }
  // The scripts of a client's page and of its worker.
  const names = ['worker.js', 'common.js', 'client-worker.js', 'variant-relaxed.js'];
  const sizes = names.map(gzip);
  const total = sizes.reduce((sum, one) => sum + one);
  context.diagnostic(`a client: ${total} bytes gzipped (${sizes.join(' + ')})`);
  assert.ok(total <= 101_000 && sizes[0] + sizes[1] <= 8_400);
  assert.doesNotMatch(readFileSync(installed('dist', 'worker.js'), 'utf8'), /from"\.\/core\.js"/);
  context.diagnostic(`the tarball: ${archive.packed.size} bytes`);
});

test('the package has no install scripts, side effects or dependencies', () => {
  const installedManifest = JSON.parse(readFileSync(installed('package.json'), 'utf8'));
  const { name, version, sideEffects, scripts, dependencies } = installedManifest;
  const { peerDependencies, peerDependenciesMeta } = installedManifest;
  assert.deepEqual([name, version, sideEffects], ['corr2d', manifest.version, false]);
  assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/);
  assert.equal(dependencies, undefined);
  // corr2d/tfjs uses an installed TensorFlow.js.
  assert.deepEqual(Object.keys(peerDependencies), ['@tensorflow/tfjs-core']);
  assert.deepEqual(peerDependenciesMeta, { '@tensorflow/tfjs-core': { optional: true } });
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
    assert.equal(scripts[script], undefined, `no ${script} script`);
  }
  const changes = readFileSync(installed('CHANGELOG.md'), 'utf8');
  assert.equal(/^## \[(\S+)\]/m.exec(changes)[1], version, 'CHANGELOG.md starts with this version');
});

test('a bundle of unused imports is empty', async () => {
  const { rolldown } = await import('rolldown');
  writeFileSync(
    join(user, 'unused.js'),
    "import { load, Tensor } from 'corr2d';\nimport { createClient } from 'corr2d/worker';\n" +
      "import { register } from 'corr2d/tfjs';\n",
  );
  const bundled = await rolldown({ input: join(user, 'unused.js'), cwd: user });
  const { output } = await bundled.generate({ format: 'esm' });
  await bundled.close();
  assert.deepEqual(
    output.map(({ code }) => code.replace(/^\/\/.*$/gm, '').trim()),
    [''],
  );
});

test('the scripts do not depend on their location, on Node or on eval', () => {
  for (const name of [...shipped('.js'), ...shipped('.d.ts'), ...shipped('.map')]) {
    const text = readFileSync(installed('dist', name), 'utf8');
    assert.equal(text.includes(root), false, `${name} names the folder it was built in`);
  }
  for (const name of shipped('.js')) {
    const text = readFileSync(installed('dist', name), 'utf8');
    // Scripts that start workers refer to them in forms that bundlers recognise.
    const script = /^(variant-.*threads|client-worker)/.test(name)
      ? 'thread-worker.js'
      : name === 'worker.js' && 'client-worker.js';
    if (script) {
      const flat = text.replace(/\n/g, '').replaceAll("'", '"');
      assert.ok(
        flat.includes(`new Worker(new URL("./${script}",import.meta.url),{type:"module",`),
        name,
      );
      // Vite warns of import.meta in the script of a worker, unless it replaces it.
      const isWorker = name === 'client-worker.js';
      assert.equal(flat.includes(`import.meta.resolve?.("./${script}")`), !isWorker, name);
      assert.equal(text.split('import.meta').length, isWorker ? 2 : 3, name);
    } else {
      assert.doesNotMatch(text, /new URL\(|import\.meta/, `${name} uses its own location`);
    }
    for (const [what, pattern] of Object.entries({
      'imports modules of Node': /\bnode:|\brequire\(/,
      // Parcel would add a polyfill for browsers.
      'uses the global process of Node': /(?<!globalThis\.)\bprocess\b/,
      'evaluates code': /\beval\(|\bFunction\(/,
      prints: /console\.(log|info|debug)\(/,
    })) {
      assert.equal(pattern.test(text), false, `${name} ${what}`);
    }
    // Class static blocks need Chrome 94, but corr2d supports Chrome 91.
    assert.doesNotMatch(text, /\bstatic\s*\{/, name);
    // Source maps of variants would map base64 and generated glue, and be larger than everything else.
    const isMapped = !/^(variant-|thread-worker|client-worker)/.test(name);
    assert.equal(/sourceMappingURL=/.test(text), isMapped, `${name} and its source map`);
    assert.equal(shipped('.map').includes(`${name}.map`), isMapped, `${name}.map`);
  }
});

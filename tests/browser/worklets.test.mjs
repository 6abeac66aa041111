// AudioWorklets in Chromium and Firefox: every static entry, with bytes and with a module, and the reverb of
// examples/audio-worklet.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { VARIANTS } from '../../tools/lib/variants.mjs';
import { assertExercised } from '../js/load/realm-results.mjs';
import {
  launch,
  launchFirefox,
  openRoot,
  root,
  serveFiles,
  skipFirefox,
  useSite,
} from './helpers.mjs';
import { BLOCK, BLOCKS, createInput, createResponse, largestExcess } from './reverb-bound.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');

/** A worklet's script that computes with `entry` and sends the results. */
const exerciseScript = (entry) => `
  import * as entry from './dist/${entry}.js';
  import { exerciseAll } from './realm-program.mjs';
  registerProcessor('exercise', class extends AudioWorkletProcessor {
    constructor({ processorOptions: { wasm } }) {
      super();
      const sources = { none: undefined, given: { wasm }, url: { wasm: 'a.wasm' }, two: { wasm, threads: 2 } };
      // The page answers, so that the callback is called in a later task.
      const later = (callback) => {
        this.port.onmessage = callback;
        this.port.postMessage({ isQuestion: true });
      };
      exerciseAll(entry, sources, later).then((results) => this.port.postMessage({ results }));
    }
  });`;

/** The processor in the documentation. */
const [, snippet] = /```js\n(\/\/ processor\.js[\s\S]*?)```/.exec(read('docs/audio.md'));

const files = {
  'index.html': '<!doctype html><title>worklets</title>',
  'realm-program.mjs': read('tests/js/load/realm-program.mjs'),
  'convolver.js': read('examples/audio-worklet/convolver.js'),
  // Bundlers resolve the name of the package; a worklet has no import map.
  'processor.js': read('examples/audio-worklet/processor.js').replace(
    "'corr2d/simd'",
    "'./dist/simd.js'",
  ),
  'filter.js': snippet.replace("'corr2d/simd'", "'./dist/simd.js'"),
};
for (const entry of ['index', ...VARIANTS]) files[`exercise-${entry}.js`] = exerciseScript(entry);

/** In a page: the results of `exerciseScript(entry)` with the binary of a variant. */
async function exercise({ entry, variant, isModule }) {
  const context = new OfflineAudioContext(1, 128, 48_000);
  await context.audioWorklet.addModule(`exercise-${entry}.js`);
  const bytes = await (await fetch(`dist/corr2d-${variant}.wasm`)).arrayBuffer();
  const wasm = isModule ? await WebAssembly.compile(bytes) : bytes;
  const node = new AudioWorkletNode(context, 'exercise', { processorOptions: { wasm } });
  return new Promise((resolve, reject) => {
    node.onprocessorerror = () => reject(new Error('the processor has failed'));
    node.port.onmessage = ({ data: { results } }) => {
      if (results) resolve(results);
      else node.port.postMessage('answer');
    };
  });
}

/**
 * In a page: renders `length` samples of `input`, on each of `channels`, through the processor `name` of `script`,
 * which gets the binary and `options`, lists of numbers. Returns the output, that of the last channel, and the
 * messages that the processor sent when it was ready and in answer to a message after rendering.
 */
async function render(given) {
  const { script, name, options, input, hasAnswer, length = input.length, channels = 1 } = given;
  const context = new OfflineAudioContext(channels, length, 48_000);
  await context.audioWorklet.addModule(script);
  const wasm = await (await fetch('dist/corr2d-simd.wasm')).arrayBuffer();
  const processorOptions = { wasm };
  for (const [key, list] of Object.entries(options))
    processorOptions[key] = Float32Array.from(list);
  const node = new AudioWorkletNode(context, name, { processorOptions });
  const receive = () =>
    new Promise((resolve) => {
      node.port.onmessage = ({ data }) => resolve(data);
    });
  const before = await receive();
  const buffer = context.createBuffer(channels, input.length, 48_000);
  for (let i = 0; i < channels; i++) buffer.copyToChannel(Float32Array.from(input), i);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(node).connect(context.destination);
  source.start();
  const rendered = await context.startRendering();
  const received = hasAnswer ? receive() : undefined;
  node.port.postMessage('memory');
  const [output, last] = [0, channels - 1].map((i) => Array.from(rendered.getChannelData(i)));
  return { before, after: await received, output, last };
}

for (const [name, start, skip] of [
  ['Chromium', launch, false],
  ['Firefox', launchFirefox, skipFirefox],
]) {
  describe(`an AudioWorklet in ${name}`, { skip }, () => {
    const site = useSite({ serve: () => serveFiles(files), start, prepare: openRoot });

    for (const variant of VARIANTS) {
      for (const isModule of [false, true]) {
        test(`computes with corr2d/${variant} and ${isModule ? 'a module' : 'bytes'}`, async () => {
          const found = await site.page.evaluate(exercise, { entry: variant, variant, isModule });
          assertExercised(found.given, { variant, threads: 1 }, variant);
          assertExercised(found.two, { variant, threads: 1 }, variant);
          assert.match(
            found.two.reason,
            /one thread: (a worker did not start|wasm is the variant)/,
          );
          for (const { type, code, message } of [found.none, found.url]) {
            assert.deepEqual([type, code], ['Corr2dError', 'LOAD_FAILED']);
            assert.match(
              message,
              /^load: there is no \w+ here, as in worklets; fetch .*processorOptions/,
            );
          }
        });
      }
    }

    test('computes with the main entry and bytes; without them it names corr2d/simd', async () => {
      const given = { entry: 'index', variant: 'simd', isModule: false };
      const found = await site.page.evaluate(exercise, given);
      assertExercised(found.given, { variant: 'simd', threads: 1 }, 'index');
      assert.equal(found.none.type, 'Corr2dError');
      assert.equal(found.none.code, 'LOAD_FAILED');
      assert.match(found.none.message, /could not be imported: .*load from corr2d\/simd/);
    });

    test('the reverb equals the convolution in float64 and allocates nothing per block', async () => {
      const [response, input] = [createResponse(), createInput()];
      const { before, after, output } = await site.page.evaluate(render, {
        ...{ script: 'processor.js', name: 'reverb', hasAnswer: true },
        options: { response: Array.from(response) },
        input: Array.from(input),
      });
      assert.deepEqual(after, before);
      assert.equal(output.length, BLOCKS * BLOCK);
      const excess = largestExcess(Float32Array.from(output), response);
      assert.ok(excess <= 0, `an error exceeds its bound by ${excess}`);
      assert.ok(Math.max(...output) > 0.9);
    });

    test('the processor of docs/audio.md filters all channels, also after its source has stopped', async () => {
      const taps = [0.5, 0, 0.25, 0.125, 1];
      const input = new Array(BLOCK).fill(0);
      input[0] = 1;
      input[126] = 2;
      const length = 3 * BLOCK;
      const given = { script: 'filter.js', name: 'filter', options: { taps }, input };
      const rendered = await site.page.evaluate(render, { ...given, length, channels: 2 });
      assert.equal(rendered.before, 'ready');
      const expected = Array.from({ length }, (_, i) => (taps[i] ?? 0) + 2 * (taps[i - 126] ?? 0));
      assert.deepEqual(rendered.output, expected);
      assert.deepEqual(rendered.last, expected);
    });
  });
}

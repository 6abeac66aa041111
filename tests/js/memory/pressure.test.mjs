// Loops that yield to the event loop and never dispose of anything stay within a bounded heap.

import assert from 'node:assert/strict';
import { runNodeJson, simd, threads } from '../helpers.mjs';
import { testMemory } from './support.mjs';

const MIB = 2 ** 20;
const soakFrames = new URL('../../../tools/soak/frames.mjs', import.meta.url).href;

/** Runs code in a process of its own, where no test forces collections. Returns the JSON that it prints. */
const runAlone = (code) =>
  runNodeJson(
    code,
    process.execArgv.filter((flag) => flag.includes('relaxed-simd')),
  );

/** Runs `body` in rounds. Returns `c.memory()`. */
const inRounds = (rounds, body, setup = '') =>
  runAlone(`
    import { load } from 'corr2d';
    const c = await load(${JSON.stringify({ simd, threads })});
    ${setup}
    for (let i = 0; i < ${rounds}; i++) {
      ${body}
      await new Promise((resolve) => setImmediate(resolve));
    }
    console.log(JSON.stringify(c.memory()));
    c.dispose();
  `);

// Without pressure, each of these loops fills more than 2 GiB.
const ROUNDS = 300;

testMemory('tensors of frames that are dropped in a loop', async () => {
  const { heapBytes } = await inRounds(ROUNDS, 'c.relu(c.zeros([3, 720, 640]));');
  assert.ok(heapBytes < 1024 * MIB, `${heapBytes}`);
});

testMemory('small tensors that are dropped in a loop', async () => {
  const body = 'for (let j = 0; j < 200; j++) c.zeros([10_000]);';
  const { heapBytes } = await inRounds(ROUNDS, body);
  assert.ok(heapBytes < 1024 * MIB, `${heapBytes}`);
});

testMemory('plans that are dropped in a loop', async () => {
  const body = "c.planConv2d({ inputShape: [512, 8, 8], weight, algorithm: 'gemm' });";
  const setup = 'const weight = c.zeros([512, 512, 3, 3]);';
  const { heapBytes } = await inRounds(ROUNDS, body, setup);
  assert.ok(heapBytes < 1024 * MIB, `${heapBytes}`);
});

// The ways to yield are those of `npm run soak`, which measures more frames, and other engines.
for (const yields of ['immediate', 'timeout', 'message']) {
  testMemory(
    `frames with three tensors each that are dropped, with a ${yields} between them`,
    async () => {
      const options = { width: 1280, height: 720, frames: 150, ways: ['nothing'], yields };
      const [{ heapBytes }] = await runAlone(`
      import { load } from 'corr2d';
      import { runFrames } from ${JSON.stringify(soakFrames)};
      const variant = ${JSON.stringify({ simd, threads })};
      console.log(JSON.stringify(await runFrames(() => load(variant), ${JSON.stringify(options)})));
    `);
      assert.ok(heapBytes < 768 * MIB, `${heapBytes}`);
    },
  );
}

const tidyRound = (c) =>
  c.tidy(() => {
    c.relu(c.zeros([MIB]));
  });

testMemory('tensors that are disposed of create no buffers, however many', (c) => {
  const EngineBuffer = globalThis.ArrayBuffer;
  let buffers = 0;
  globalThis.ArrayBuffer = class extends EngineBuffer {
    constructor(...args) {
      super(...args);
      buffers++;
    }
  };
  try {
    for (let i = 0; i < 100; i++) tidyRound(c);
    for (let i = 0; i < 100; i++) c.zeros([MIB]).dispose();
    assert.equal(buffers, 0);
    const held = Array.from({ length: 50 }, () => c.zeros([MIB]));
    assert.ok(buffers > 0 && buffers < 4, `${buffers}`);
    const created = buffers;
    for (let i = 0; i < 100; i++) tidyRound(c);
    assert.ok(buffers <= created + 1, `${buffers} after ${created}`);
    for (const tensor of held) tensor.dispose();
  } finally {
    globalThis.ArrayBuffer = EngineBuffer;
  }
});

testMemory('an engine without memory for a buffer does not make calls fail', (c) => {
  const EngineBuffer = globalThis.ArrayBuffer;
  globalThis.ArrayBuffer = class {
    constructor() {
      throw new RangeError('Array buffer allocation failed');
    }
  };
  try {
    for (let i = 0; i < 40; i++) c.zeros([MIB]);
  } finally {
    globalThis.ArrayBuffer = EngineBuffer;
  }
  assert.equal(c.memory().liveTensors, 40);
});

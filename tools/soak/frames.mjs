// @ts-check
// The loops of `npm run soak`, for Node and browsers: frames with three tensors each, which are freed in
// different ways.

/**
 * @typedef {object} SoakOptions
 * @property {number} width
 * @property {number} height
 * @property {number} frames
 * @property {string[]} ways How the tensors are freed: names of WAYS
 * @property {string} yields How the loop yields between frames: a name of YIELDS
 */

/** @typedef {{ way: string, heapBytes: number, milliseconds: number }} SoakResult */

/** The number of frames that one way computes before the next one takes its turn. */
const BLOCK = 100;

/** How the tensors of a frame are freed. @type {Record<string, (c: any, make: () => any[]) => void>} */
export const WAYS = {
  dispose: (_, make) => {
    for (const tensor of make()) tensor.dispose();
  },
  tidy: (c, make) => {
    c.tidy(() => {
      make();
    });
  },
  nothing: (_, make) => {
    make();
  },
};

/** How the loop lets other tasks run. @type {Record<string, () => Promise<unknown>>} */
export const YIELDS = {
  frame: () => new Promise((resolve) => requestAnimationFrame(resolve)),
  timeout: () => new Promise((resolve) => setTimeout(resolve, 0)),
  immediate: () => new Promise((resolve) => setImmediate(resolve)),
  message: () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve(undefined);
      };
      port2.postMessage(0);
    }),
};

/**
 * Returns the size of the heap for each way, and the average time of a frame: the time until the loop continues,
 * or, for animation frames, which wait for the display, the time of the calls. Each way has its own instance. The ways
 * take turns, so that other load on the machine affects them alike.
 * @param {(options?: object) => Promise<any>} load
 * @param {SoakOptions} options @returns {Promise<SoakResult[]>}
 */
export async function runFrames(load, { width, height, frames, ways, yields }) {
  const picture = { data: new Uint8ClampedArray(4 * width * height).fill(90), width, height };
  const yieldToEventLoop = YIELDS[yields];

  /** @param {string} way */
  async function start(way) {
    const c = await load();
    const weight = c.full([3, 1, 3, 3], 1 / 9);
    const make = () => {
      const rgb = c.fromImageData(picture);
      const blurred = c.conv2d(rgb, weight, { groups: 3, padding: 1 });
      return [rgb, blurred, c.relu(blurred)];
    };
    return { way, c, milliseconds: 0, compute: () => WAYS[way](c, make) };
  }

  const runs = await Promise.all(ways.map((way) => start(way)));
  for (let done = 0; done < frames; done += BLOCK) {
    for (const run of runs) {
      const begin = performance.now();
      let inCalls = 0;
      for (let i = done; i < Math.min(done + BLOCK, frames); i++) {
        const before = performance.now();
        run.compute();
        inCalls += performance.now() - before;
        await yieldToEventLoop();
      }
      run.milliseconds += yields === 'frame' ? inCalls : performance.now() - begin;
    }
  }
  return runs.map(({ way, c, milliseconds }) => {
    const { heapBytes } = c.memory();
    c.dispose();
    return { way, heapBytes, milliseconds: milliseconds / frames };
  });
}

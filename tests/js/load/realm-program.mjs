// A program that tests run in realms with hardly any globals: a bare context of node:vm, and AudioWorklets of
// browsers. It must not use any global that is not part of ECMAScript or WebAssembly.

/** Calls `run`, which may be asynchronous: its result, or its error as `{ type, code, message }`. */
async function outcomeOf(run, Corr2dError) {
  try {
    return await run();
  } catch (error) {
    const type = error instanceof Corr2dError ? 'Corr2dError' : String(error?.name);
    return { type, code: error?.code, message: error?.message };
  }
}

/**
 * Loads an instance from `entry` with each option object of `sources`, by name, and computes with it.
 * `later` calls back in a later task of the event loop. Returns values that can be cloned.
 */
export async function exerciseAll(entry, sources, later) {
  const results = {};
  for (const [name, options] of Object.entries(sources)) {
    results[name] = await outcomeOf(() => exercise(entry, options, later), entry.Corr2dError);
  }
  return results;
}

async function exercise({ load, Corr2dError }, options, later) {
  const outcome = (run) => outcomeOf(run, Corr2dError);
  const c = await load(options);
  const { variant, threads, reason } = c.features;
  const found = { variant, threads, reason };

  found.conv1d = c.conv1d([[1, 2, 3, 4]], [[[1, 10]]]).toArray();
  const plan = c.planConv2d({
    inputShape: [1, 3, 3],
    weight: [
      [
        [
          [0, 1],
          [2, 3],
        ],
      ],
    ],
  });
  const input = c.tensor([
    [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ],
  ]);
  const out = c.zeros(plan.outputShape);
  found.run = plan.run(input, out).toArray();
  await plan.warmup();
  found.printed = String(c.ones([2]));
  found.described = plan.describe().split('\n').length;
  found.async = await runAsync(c, later, outcome);

  const image = {
    width: 2,
    height: 1,
    data: Uint8ClampedArray.of(10, 20, 30, 255, 50, 60, 70, 255),
  };
  const filtered = c.filter2d(image, [[0.5, 0.5]]);
  found.filter2d = Array.from(filtered.data);
  found.image = Array.from(c.toImageData(c.fromImageData(image)).data);

  found.errors = {
    argument: await outcome(() => c.ones([-1])),
    shape: await outcome(() => c.conv2d(c.ones([1, 2, 2]), c.ones([1, 2, 1, 1]))),
    // A text from C++, with a character outside ASCII.
    refusal: await outcome(() =>
      c.conv2d(c.ones([1, 8, 8]), c.ones([1, 1, 5, 5]), { algorithm: 'winograd' }),
    ),
    image: await outcome(() =>
      c.fromImage({ [Symbol.toStringTag]: 'ImageBitmap', width: 1, height: 1 }),
    ),
    memory: await outcome(() => c.ones([2 ** 30])),
  };
  c.dispose();
  found.errors.disposed = await outcome(() => plan.run(input, out));
  return found;
}

/** Runs a plan in several steps, and cancels runs. */
async function runAsync(c, later, outcome) {
  const x = c.normal(0, 1, [16, 96, 96], { seed: 1 });
  const plan = c.planConv2d({ inputShape: x.shape, weight: c.ones([32, 16, 3, 3]) });
  // `runAsync` yields when several milliseconds have passed. With this clock it yields after each task.
  const clock = globalThis.performance ?? Date;
  const { now } = clock;
  let time = 0;
  clock.now = () => (time += 10);
  try {
    const reports = [];
    const y = await plan.runAsync(x, { onProgress: (done) => reports.push(done) });
    const expected = plan.run(x);
    // Only if the runs yield to the event loop can the later task run. The limit ends runs that do not.
    let hasRun = false;
    later(() => {
      hasRun = true;
    });
    for (let i = 0; i < 10_000 && !hasRun; i++) await plan.runAsync(x, { out: y });
    const reason = { wanted: true };
    const reject = (signal) => plan.runAsync(x, { signal }).catch((error) => error);
    return {
      isSame: y.data.every((value, i) => value === expected.data[i]),
      hasSteps: plan.tasks > 1 && reports.length === plan.tasks,
      hasYielded: hasRun,
      isReason: (await reject({ aborted: true, reason })) === reason,
      aborted: (await reject({ aborted: true })).name,
      invalid: await outcome(() => plan.runAsync(x, { signal: 1 })),
    };
  } finally {
    clock.now = now;
  }
}

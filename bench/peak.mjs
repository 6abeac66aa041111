// Measures the peak speed of the processor, with a hand-written module that only does multiply-adds in
// registers.

/** Code for (f32x4.add (f32x4.mul x a) b) and (f32x4.relaxed_madd x a b), where x, a, b are locals. */
const STEPS = {
  simd: (x, a, b) => [...get(x), ...get(a), ...op(0xe6), ...get(b), ...op(0xe4)],
  relaxed: (x, a, b) => [...get(x), ...get(a), ...get(b), ...op(0x105)],
};
/** Numbers of independent chains: enough to hide the latency, few enough for V8's 15 registers. */
const CHAINS = [8, 10, 12, 13];
const FLOPS_PER_STEP = 8;
const ITERATIONS = 20_000;

const V128 = 0x7b;
const I32 = 0x7f;
const get = (index) => [0x20, index];
const set = (index) => [0x21, index];
const op = (code) => [0xfd, ...leb(code)];
const constant = (value) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), ...op(0x13)];

/**
 * The fastest peak kernel. `run()` does `flops` floating-point operations.
 * @param {'simd' | 'relaxed'} variant
 */
export function createPeak(variant) {
  const kernels = CHAINS.map((chains) => {
    const module = new WebAssembly.Module(peakModule(variant, chains));
    const { run } = new WebAssembly.Instance(module).exports;
    return { run: () => run(ITERATIONS), flops: ITERATIONS * chains * FLOPS_PER_STEP };
  });
  return selectFastest(kernels);
}

/** Runs each kernel for 100 ms, which includes its optimisation, and returns the fastest. */
function selectFastest(kernels) {
  const speeds = kernels.map(({ run, flops }) => {
    let best = 0;
    const end = performance.now() + 100;
    while (performance.now() < end) {
      const begin = performance.now();
      run();
      best = Math.max(best, flops / (performance.now() - begin));
    }
    return best;
  });
  return kernels[speeds.indexOf(Math.max(...speeds))];
}

/** (func (export "run") (param i32) …): a loop with one step of each chain per iteration. */
export function peakModule(variant, chains) {
  const accumulators = Array.from({ length: chains }, (_, i) => 1 + i);
  const [a, b] = [1 + chains, 2 + chains];
  const code = [
    // With a = b = 0.5 all chains converge to 1, without denormals or overflow.
    ...[...constant(0.5), ...set(a), ...constant(0.5), ...set(b)],
    ...[0x03, 0x40],
    ...accumulators.flatMap((x) => [...STEPS[variant](x, a, b), ...set(x)]),
    // (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    // Storing the sum keeps the compiler from removing the loop.
    ...[0x41, 0, ...get(1)],
    ...accumulators.slice(1).flatMap((x) => [...get(x), ...op(0xe4)]),
    ...[...op(0x0b), 4, 0],
    0x0b,
  ];
  const locals = [1, chains + 2, V128];
  const body = [...locals, ...code];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name('run'), 0, 0, ...name('memory'), 2, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

const section = (id, content) => [id, ...leb(content.length), ...content];
const name = (text) => [text.length, ...new TextEncoder().encode(text)];

/** Unsigned LEB128. */
function leb(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

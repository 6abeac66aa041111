/** A buffer is created once this many bytes are unaccounted for. */
const LIMIT = 80 * 2 ** 20;
/** The size of a buffer as a multiple of the bytes that it accounts for. */
const FACTOR = 2;
const MAX_BUFFER = 2 ** 30;
/** While more than HIGH bytes are held, a JavaScript array of 64 or 128 kB is created for every STEP bytes added. */
const HIGH = 192 * 2 ** 20;
const STEP = 2 ** 23;
const ARRAY_LENGTH = 2 ** 14;

/**
 * Makes the engine's garbage collector see the memory that tensors and plans hold in the WebAssembly heap.
 *
 * The collector sees only small objects, and would free them too late. When they hold LIMIT bytes more than are
 * accounted for, the newest one gets an ArrayBuffer: engines count its bytes, and collect when there are many. Its
 * memory is never touched. It lives until its owner is disposed of or any object has been collected: by then it has
 * triggered a collection. A program that disposes of its tensors stays below the limit and creates no buffers.
 *
 * Measured with three tensors of 11 MB a frame. Node 20: with one buffer for each tensor, every third frame causes a
 * major collection, and the memory of buffers below 32 MB is cleared. Firefox: with buffers half as large as
 * what they account for, the heap grows to 1.2 GB; with buffers twice as large, to 360 MB. Chromium marks in steps, when
 * the page is idle and when JavaScript allocates, and a loop that computes frames does neither; without the arrays the
 * heap grows to 820 MB, and to 1.4 GB with frames of 1080p.
 */
export class MemoryPressure {
  #heldBytes = 0;
  #accountedBytes = 0;
  #bytesSinceArray = 0;
  #buffers = new WeakMap<WeakKey, ArrayBuffer>();
  /** The newest array. It is stored so that compilers do not remove its allocation. */
  array: unknown;

  /**
   * Counts bytes that `owner` holds until it is disposed of or collected. Returns how many bytes it
   * accounts for.
   */
  add(owner: WeakKey, bytes: number): number {
    this.#heldBytes += bytes;
    this.#bytesSinceArray += bytes;
    if (this.#heldBytes > HIGH && this.#bytesSinceArray > STEP) {
      this.#bytesSinceArray = 0;
      this.array = new Array(ARRAY_LENGTH);
    }
    const missing = this.#heldBytes - this.#accountedBytes;
    if (missing < LIMIT) return 0;
    this.#accountedBytes += missing;
    try {
      this.#buffers.set(owner, new ArrayBuffer(Math.min(FACTOR * missing, MAX_BUFFER)));
    } catch {
      // The engine is out of memory, and has already tried to collect.
    }
    return missing;
  }

  /**
   * Counts freed bytes of `owner`, or of a collected object if `owner` is undefined. `accounted` is the
   * number that `add` returned for them.
   */
  remove(bytes: number, accounted: number, owner?: WeakKey): void {
    this.#heldBytes -= bytes;
    this.#accountedBytes -= accounted;
    if (owner === undefined) this.#buffers = new WeakMap();
    else this.#buffers.delete(owner);
  }
}

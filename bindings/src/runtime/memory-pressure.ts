/** Collections cost more than they free if less than this is unaccounted for, in bytes. */
const LIMIT = 96 * 2 ** 20;

/**
 * Makes the engine's garbage collector see the memory that tensors and plans hold in the WebAssembly heap.
 *
 * The collector sees only small objects, and would free them too late. When they hold LIMIT bytes more than are
 * accounted for, the newest one gets an ArrayBuffer, which lives as long as this object: engines count its
 * bytes, and collect when there are many. Its memory is never touched. A program that disposes of its tensors stays
 * below the limit and creates no buffers.
 *
 * The buffers are half as large as what they account for: the heap stays as small as with whole ones, with half
 * as many collections. They are few and large, because engines clear the memory of small ones: in Node 20, one
 * for each tensor of 11 MB takes a quarter more time.
 */
export class MemoryPressure {
  #heldBytes = 0;
  #accountedBytes = 0;
  readonly #buffers = new WeakMap<WeakKey, ArrayBuffer>();

  /**
   * Counts bytes that `owner` holds until it is disposed of or collected. Returns how many bytes its buffer
   * accounts for.
   */
  add(owner: WeakKey, bytes: number): number {
    this.#heldBytes += bytes;
    const missing = this.#heldBytes - this.#accountedBytes;
    if (missing < LIMIT) return 0;
    try {
      this.#buffers.set(owner, new ArrayBuffer(Math.floor(missing / 2)));
    } catch {
      return 0; // An engine without memory has already tried to collect.
    }
    this.#accountedBytes += missing;
    return missing;
  }

  /** Counts freed bytes. `accounted` is the number that `add` returned for them. */
  remove(bytes: number, accounted: number, owner?: WeakKey): void {
    this.#heldBytes -= bytes;
    this.#accountedBytes -= accounted;
    if (owner !== undefined) this.#buffers.delete(owner);
  }
}

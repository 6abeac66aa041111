// The decoder of LZMA, https://www.7-zip.org/sdk.html. Libraries that also encode are larger than what LZMA saves.

/** Bits of the literal before that select the probabilities of the next one (lc). */
const LITERAL_BITS = 1;
const HEADER_BYTES = 13;

// Where probabilities begin in one table.
const STATES = 12;
const IS_MATCH = 0;
const IS_LONG_REPEAT = IS_MATCH + STATES;
const IS_REPEAT = IS_LONG_REPEAT + STATES; // and whether it is not the latest distance, and so on
const DISTANCE_SLOT = IS_REPEAT + 4 * STATES;
const DISTANCE = DISTANCE_SLOT + 4 * 64;
const ALIGNED = DISTANCE + 115;
const LENGTH = ALIGNED + 16;
const LENGTHS = 2 + 2 * 8 + 256;
const LITERAL = LENGTH + 2 * LENGTHS;

/**
 * Decodes a file in the LZMA format with lc = 1, lp = 0 and pb = 0, whose header states the size. If bytes are missing, the result has that size, too, but is wrong.
 */
export function decodeLzma(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = new DataView(file.buffer, file.byteOffset).getUint32(5, true);
  const out = new Uint8Array(size);
  const probabilities = new Uint16Array(LITERAL + (0x300 << LITERAL_BITS)).fill(1024);
  let next = HEADER_BYTES + 1;
  let range = 0xffffffff;
  let code = 0;
  /** Reads a byte when the range has become small. */
  const normalise = () => {
    if (range >= 0x1000000) return;
    range *= 256;
    code = code * 256 + (file[next++] as number);
  };
  for (let i = 0; i < 4; i++) code = code * 256 + (file[next++] as number);

  /** Decodes a bit by the probability at `at`. */
  const bit = (at: number): number => {
    const probability = probabilities[at] as number;
    const bound = (range >>> 11) * probability;
    const isOne = code >= bound;
    if (isOne) {
      range -= bound;
      code -= bound;
      probabilities[at] = probability - (probability >> 5);
    } else {
      range = bound;
      probabilities[at] = probability + ((2048 - probability) >> 5);
    }
    normalise();
    return Number(isOne);
  };
  /** Decodes `bits` bits, the highest first, by a tree of probabilities. */
  const tree = (at: number, bits: number): number => {
    let node = 1;
    for (let i = 0; i < bits; i++) node = 2 * node + bit(at + node);
    return node - (1 << bits);
  };
  /** Decodes `bits` bits, the lowest first. */
  const reverseTree = (at: number, bits: number): number => {
    let node = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const one = bit(at + node);
      node = 2 * node + one;
      value += one << i;
    }
    return value;
  };
  const length = (at: number): number => {
    if (!bit(at)) return tree(at + 2, 3);
    if (!bit(at + 1)) return 8 + tree(at + 10, 3);
    return 16 + tree(at + 18, 8);
  };
  /** Decodes a distance minus 1 for a match of this length minus 2. */
  const distance = (length: number): number => {
    const slot = tree(DISTANCE_SLOT + 64 * Math.min(length, 3), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 + (slot & 1)) << bits;
    if (slot < 14) return base + reverseTree(DISTANCE + base - slot, bits);
    let direct = 0;
    for (let i = 4; i < bits; i++) {
      range >>>= 1;
      const isOne = code >= range;
      if (isOne) code -= range;
      direct = 2 * direct + Number(isOne);
      normalise();
    }
    return base + 16 * direct + reverseTree(ALIGNED, 4);
  };
  /** Decodes a literal; after a match, the byte that would have continued it selects probabilities too. */
  const literal = (end: number, expected: number): number => {
    const at = LITERAL + 0x300 * ((out[end - 1] ?? 0) >> (8 - LITERAL_BITS));
    let node = 1;
    for (let shift = 7; expected >= 0 && shift >= 0; shift--) {
      const wanted = (expected >> shift) & 1;
      const one = bit(at + 0x100 * (1 + wanted) + node);
      node = 2 * node + one;
      if (one !== wanted) break;
    }
    while (node < 0x100) node = 2 * node + bit(at + node);
    return node;
  };

  /** The kinds of the last symbols. Below 7, the last one was a literal. */
  let state = 0;
  /** The latest distances minus 1. */
  let latest = [0, 0, 0, 0];
  for (let end = 0; end < size; ) {
    const back = () => out[end - 1 - (latest[0] as number)] as number;
    if (!bit(IS_MATCH + state)) {
      out[end] = literal(end, state < 7 ? -1 : back());
      end++;
      state = state < 4 ? 0 : state - (state < 10 ? 3 : 6);
      continue;
    }
    let count: number;
    if (!bit(IS_REPEAT + state)) {
      count = length(LENGTH);
      latest = [distance(count), ...latest.slice(0, 3)];
      state = state < 7 ? 7 : 10;
    } else {
      let which = 0;
      while (which < 3 && bit(IS_REPEAT + STATES * (which + 1) + state)) which++;
      if (which === 0 && !bit(IS_LONG_REPEAT + state)) {
        out[end] = back();
        end++;
        state = state < 7 ? 9 : 11;
        continue;
      }
      latest.unshift(...latest.splice(which, 1));
      count = length(LENGTH + LENGTHS);
      state = state < 7 ? 8 : 11;
    }
    for (count += 2; count > 0 && end < size; count--) {
      out[end] = back();
      end++;
    }
  }
  return out;
}

// WebAssembly modules as streams of bytes of one kind: operators, indices of locals, offsets and so on. They compress
// 5 % better than the module itself, whose kinds alternate from byte to byte.

/** The number of streams, and the places in this order. */
export const STREAM_COUNT = 10;
const [OTHER, OPERATOR, LOCAL, ALIGNMENT, OFFSET] = [0, 1, 2, 3, 4];
const [INTEGER, FLOAT, VECTOR, TARGET, CALL] = [5, 6, 7, 8, 9];

/**
 * Copies a module of `size` bytes. `copyByte` copies its next byte from or to a stream and returns the byte.
 */
export function transferModule(size: number, copyByte: (stream: number) => number): void {
  let at = 0;
  /** Copies `count` bytes and returns the last one; if `count` is 0, copies a number in LEB128 and returns it. */
  const copy = (stream: number, count = 0) => {
    let byte = 0;
    let number = 0;
    let scale = 1;
    let left = count;
    do {
      byte = copyByte(stream);
      at++;
      number += (byte & 127) * scale;
      scale *= 128;
    } while (count > 0 ? --left > 0 && at < size : byte > 127);
    return count > 0 ? byte : number;
  };
  /** Repeats until the module ends, which damaged streams may reach too early. */
  const repeat = (times: number, action: () => void) => {
    for (; times > 0 && at < size; times--) action();
  };
  const copyMemoryArgument = () => {
    copy(ALIGNMENT);
    copy(OFFSET);
  };
  const copyOperator = () => {
    const operator = copy(OPERATOR, 1);
    if (operator > 0x01 && operator < 0x05) copy(OPERATOR);
    else if (operator === 0x0c || operator === 0x0d) copy(TARGET);
    else if (operator === 0x0e) repeat(copy(TARGET) + 1, () => copy(TARGET));
    else if (operator === 0x10) copy(CALL);
    else if (operator === 0x11) repeat(2, () => copy(TARGET));
    else if (operator > 0x1f && operator < 0x23) copy(LOCAL);
    else if (operator === 0x23 || operator === 0x24) copy(TARGET);
    else if (operator > 0x27 && operator < 0x3f) copyMemoryArgument();
    else if (operator === 0x3f || operator === 0x40) copy(OPERATOR, 1);
    else if (operator === 0x41 || operator === 0x42) copy(INTEGER);
    else if (operator === 0x43) copy(FLOAT, 4);
    else if (operator === 0x44) copy(FLOAT, 8);
    else if (operator > 0xfb) copyPrefixed(operator, copy(OPERATOR));
  };
  /** Copies the operands of an operator of bulk memory, of SIMD or of threads. */
  const copyPrefixed = (prefix: number, operator: number) => {
    if (prefix === 0xfc) {
      // memory.init, data.drop, memory.copy and memory.fill
      const operands = [1, 1, 2, 1][operator - 8] ?? 0;
      if (operator === 8) copy(OPERATOR);
      repeat(operands, () => copy(OPERATOR, 1));
    } else if (prefix === 0xfe) {
      if (operator === 3) copy(OPERATOR, 1);
      else copyMemoryArgument();
    } else {
      const isLane = operator > 83 && operator < 92;
      if (operator < 12 || isLane || operator === 92 || operator === 93) copyMemoryArgument();
      if (operator === 12 || operator === 13) copy(VECTOR, 16);
      if ((operator > 20 && operator < 35) || isLane) copy(OPERATOR, 1);
    }
  };
  copy(OTHER, 8);
  while (at < size) {
    const section = copy(OTHER, 1);
    const length = copy(OTHER);
    if (section !== 10) {
      if (length > 0) copy(OTHER, length);
      continue;
    }
    repeat(copy(OTHER), () => {
      const end = copy(OTHER) + at;
      repeat(copy(OTHER), () => {
        copy(OTHER);
        copy(OTHER, 1);
      });
      while (at < end && at < size) copyOperator();
    });
  }
}

/**
 * Joins the streams of a module: uint32 numbers, the size of the module and those of the streams, then the streams.
 * Damaged streams give a module of that size that does not compile.
 */
export function joinStreams(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = new DataView(file.buffer, file.byteOffset);
  const size = header.getUint32(0, true);
  const module = new Uint8Array(size);
  let begin = 4 * (STREAM_COUNT + 1);
  const places = Array.from({ length: STREAM_COUNT }, (_, i) => {
    begin += i > 0 ? header.getUint32(4 * i, true) : 0;
    return begin;
  });
  let at = 0;
  transferModule(size, (stream) => {
    const byte = file[(places[stream] as number)++] ?? 0;
    module[at++] = byte;
    return byte;
  });
  return module;
}

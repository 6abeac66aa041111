// Runs in the AudioWorkletGlobalScope. It has no import(), fetch or atob, so this file imports
// a static entry, and the page passes the binary.
import { load } from 'corr2d/simd';
import { createConvolver } from './convolver.js';

class Reverb extends AudioWorkletProcessor {
  constructor({ processorOptions: { wasm, response } }) {
    super();
    this.prepare(wasm, response).catch(({ message }) => this.port.postMessage({ error: message }));
  }

  async prepare(wasm, response) {
    const c = await load({ wasm });
    this.convolver = await createConvolver(c, response);
    // Every message is answered with the memory in use, which stays the same while audio is processed.
    this.port.onmessage = () => this.port.postMessage(c.memory());
    this.port.postMessage(c.memory());
  }

  process([[input]], [[left, ...others]]) {
    this.convolver?.run(input, left);
    for (const other of others) other.set(left);
    return true;
  }
}

registerProcessor('reverb', Reverb);

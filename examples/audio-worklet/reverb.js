// Vite bundles the processor and its imports into a script of its own.

import wasmUrl from 'corr2d/wasm/simd.wasm?url';
import processorUrl from './processor.js?worker&url';

/**
 * Creates a node that convolves its input, mixed down to one channel, with `response`.
 *
 * @param {BaseAudioContext} context
 * @param {Float32Array} response
 */
export async function createReverb(context, response) {
  const [wasm] = await Promise.all([
    fetch(wasmUrl).then((answer) => answer.arrayBuffer()),
    context.audioWorklet.addModule(processorUrl),
  ]);
  const node = new AudioWorkletNode(context, 'reverb', {
    channelCount: 1,
    channelCountMode: 'explicit',
    processorOptions: { wasm, response },
  });
  const { error } = await new Promise((resolve) => {
    node.port.onmessage = ({ data }) => resolve(data);
  });
  if (error) throw new Error(error);
  return node;
}

// Renders the reverb of examples/audio-worklet offline and shows whether it equals the convolution.
import { createReverb } from './reverb.js';
import { createInput, createResponse, largestExcess } from './reverb-bound.mjs';

async function render() {
  const input = createInput();
  const context = new OfflineAudioContext(2, input.length, 48_000);
  const reverb = await createReverb(context, createResponse());
  const buffer = context.createBuffer(1, input.length, 48_000);
  buffer.copyToChannel(input, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(reverb).connect(context.destination);
  source.start();
  const rendered = await context.startRendering();
  const channels = [rendered.getChannelData(0), rendered.getChannelData(1)];
  return { isRight: channels.every((output) => largestExcess(output) <= 0) };
}

const text = await render().catch((error) => `${error}\n{}`);
document.body.replaceChildren(typeof text === 'string' ? text : JSON.stringify(text));

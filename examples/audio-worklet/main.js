import { createReverb } from './reverb.js';

/**
 * Four beats at 120 per minute: a falling sine on each, and noise between them.
 *
 * @param {AudioContext} context
 */
function createDrums(context) {
  const rate = context.sampleRate;
  const buffer = context.createBuffer(1, 2 * rate, rate);
  const samples = buffer.getChannelData(0);
  for (let i = 0; i < samples.length; i++) {
    const sinceBeat = (i / rate) % 0.5;
    const sinceNoise = (sinceBeat + 0.25) % 0.5;
    const phase = 50 * sinceBeat + 5 * (1 - Math.exp(-30 * sinceBeat));
    samples[i] = Math.sin(2 * Math.PI * phase) * Math.exp(-15 * sinceBeat);
    samples[i] += 0.3 * (2 * Math.random() - 1) * Math.exp(-80 * sinceNoise);
  }
  return new AudioBufferSourceNode(context, { buffer, loop: true });
}

/**
 * The response of a room: noise that loses 60 dB in `seconds`. Its energy is 1.
 *
 * @param {number} rate
 * @param {number} seconds
 */
function createResponse(rate, seconds) {
  const decay = Math.log(1000) / seconds;
  const noise = Float32Array.from(
    { length: rate * seconds },
    (_, i) => (2 * Math.random() - 1) * Math.exp((-decay * i) / rate),
  );
  const energy = noise.reduce((sum, value) => sum + value * value, 0);
  return noise.map((value) => value / Math.sqrt(energy));
}

const button = /** @type {HTMLButtonElement} */ (document.querySelector('#start'));
const mix = /** @type {HTMLInputElement} */ (document.querySelector('#mix'));
const status = /** @type {HTMLOutputElement} */ (document.querySelector('#status'));

async function start() {
  const context = new AudioContext();
  const reverb = await createReverb(context, createResponse(context.sampleRate, 1.5));
  const [dry, wet] = [new GainNode(context), new GainNode(context)];
  const setMix = () => {
    dry.gain.value = 1 - mix.valueAsNumber;
    wet.gain.value = mix.valueAsNumber;
  };
  mix.addEventListener('input', setMix);
  setMix();

  const drums = createDrums(context);
  drums.connect(dry).connect(context.destination);
  drums.connect(reverb).connect(wet).connect(context.destination);
  drums.start();
  status.textContent = 'Playing';
}

button.addEventListener(
  'click',
  () => {
    button.disabled = true;
    start().catch((error) => {
      status.textContent = error.message;
    });
  },
  { once: true },
);

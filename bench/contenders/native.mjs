// Native OpenCV, PyTorch and scikit-image, in a Python process (bench/native.py) that times its own calls. A page sends
// the requests through the Node process that opened it.
import { assertFilter } from './opencv.mjs';
import { Unsupported } from './unsupported.mjs';

export async function create({ sendRequest = globalThis.sendNativeRequest }) {
  const libraries = await sendRequest({ type: 'libraries' });
  return Object.entries(libraries)
    .filter(([, version]) => version !== null)
    .map(([library, version]) => ({
      name: `${library}-native`,
      version,
      threads: 1,
      isUnranked: true,
      prepare(shape, data) {
        if (library === 'opencv' && !isMatching(shape)) assertFilter(shape);
        return prepare(sendRequest, library, shape, data);
      },
    }));
}

let preparedCount = 0;

const isMatching = ({ kind }) => kind === 'match' || kind === 'phase';

async function prepare(sendRequest, library, shape, data) {
  const id = preparedCount++;
  const { input, weight, bias, image, picture, template, mask, shifted } = data;
  const arrays = { input, weight, bias, image: image?.data, picture, template, mask, shifted };
  const encoded = Object.entries(arrays)
    .filter(([, array]) => array)
    .map(([name, array]) => [name, toBase64(array)]);
  const request = { type: 'prepare', id, library, shape, ...Object.fromEntries(encoded) };
  const { unsupported } = await sendRequest(request);
  if (unsupported) throw new Unsupported(unsupported);
  const time = async (calls) => (await sendRequest({ type: 'time', id, calls })).milliseconds;
  return {
    run: Object.assign(() => time(1), { time }),
    async outputs() {
      const { output } = await sendRequest({ type: 'output', id });
      const bytes = Uint8Array.from(atob(output), (letter) => letter.charCodeAt(0));
      return [image ? new Uint8ClampedArray(bytes.buffer) : new Float32Array(bytes.buffer)];
    },
    dispose: () => sendRequest({ type: 'dispose', id }),
  };
}

/** The bytes of an array in base64. */
function toBase64({ buffer, byteOffset, byteLength }) {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  let text = '';
  for (let i = 0; i < byteLength; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(text);
}

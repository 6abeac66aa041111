// OpenCV and PyTorch outside of WebAssembly: in a Python beside this process (bench/native.py), which
// times its own calls. In a page the questions go by way of the process that has opened it.
import { assertFilter } from './opencv.mjs';
import { Unsupported } from './unsupported.mjs';

export async function create({ ask = globalThis.askNative }) {
  const libraries = await ask({ ask: 'libraries' });
  return Object.entries(libraries)
    .filter(([, version]) => version !== null)
    .map(([library, version]) => ({
      name: `${library}-native`,
      version,
      threads: 1,
      isAside: true,
      prepare(shape, data) {
        if (library === 'opencv') assertFilter(shape);
        return prepare(ask, library, shape, data);
      },
    }));
}

let prepared = 0;

async function prepare(ask, library, shape, { input, weight, bias, picture }) {
  const id = prepared++;
  const arrays = { input, weight, bias, picture: picture?.data };
  const texts = Object.entries(arrays)
    .filter(([, array]) => array)
    .map(([name, array]) => [name, encoded(array)]);
  const question = { ask: 'prepare', id, library, shape, ...Object.fromEntries(texts) };
  const { unsupported } = await ask(question);
  if (unsupported) throw new Unsupported(unsupported);
  const time = async (calls) => (await ask({ ask: 'time', id, calls })).milliseconds;
  return {
    run: Object.assign(() => time(1), { time }),
    async outputs() {
      const { output } = await ask({ ask: 'output', id });
      const bytes = Uint8Array.from(atob(output), (letter) => letter.charCodeAt(0));
      return [picture ? new Uint8ClampedArray(bytes.buffer) : new Float32Array(bytes.buffer)];
    },
    dispose: () => ask({ ask: 'dispose', id }),
  };
}

/** Base64 of the bytes. */
function encoded({ buffer, byteOffset, byteLength }) {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  let text = '';
  for (let i = 0; i < byteLength; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(text);
}

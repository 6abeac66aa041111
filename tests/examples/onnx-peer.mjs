// Computes single ONNX nodes with ONNX Runtime Web.
import { loadOrt } from '../../bench/contenders/load.mjs';
import { encodeModel } from '../../bench/onnx-model.mjs';

/** Returns a function that runs the node `op` on `inputs`, which are names of `values`. */
export async function openPeer() {
  const { ort, sessionOptions } = await loadOrt({ threads: 1 });
  return async (op, inputs, values, attributes) => {
    const given = inputs.map((name) => [name, values[name]]);
    const model = encodeModel({
      nodes: [{ op, inputs, outputs: ['y'], attributes }],
      inputs: Object.fromEntries(given.map(([name, { shape }]) => [name, shape])),
      constants: {},
      outputs: ['y'],
    });
    const session = await ort.InferenceSession.create(model, sessionOptions);
    const feeds = given.map(([name, { shape, data }]) => [
      name,
      new ort.Tensor('float32', data, shape),
    ]);
    const { y } = await session.run(Object.fromEntries(feeds));
    await session.release();
    return { shape: y.dims, data: y.data };
  };
}

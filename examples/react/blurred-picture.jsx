import { useEffect, useRef, useState } from 'react';
import { useClient } from './use-client.js';

/** A kernel that computes the mean of size×size pixels. @param {number} size */
const meanKernel = (size) => Array.from({ length: size }, () => Array(size).fill(1 / size ** 2));

/** @param {{ picture: ImageData }} props */
export function BlurredPicture({ picture }) {
  const { client, error } = useClient();
  const [size, setSize] = useState(1);
  const [shownSize, setShownSize] = useState(0);
  const [failure, setFailure] = useState('');
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));

  useEffect(() => {
    if (!client) return;
    const controller = new AbortController();
    const { signal } = controller;
    client.filter2d(picture, meanKernel(size), { signal }).then(
      (blurred) => {
        canvas.current?.getContext('2d')?.putImageData(blurred, 0, 0);
        setShownSize(size);
      },
      ({ message }) => {
        if (!signal.aborted) setFailure(message);
      },
    );
    // The next position of the slider replaces this one: a call that has not started yet never starts.
    return () => controller.abort();
  }, [client, picture, size]);

  return (
    <>
      <input
        type="range"
        min="1"
        max="31"
        step="2"
        value={size}
        onChange={({ target }) => setSize(Number(target.value))}
      />
      <output>{client ? `mean of ${shownSize}×${shownSize} pixels` : 'loading'}</output>
      <p role="alert">{error?.message ?? failure}</p>
      <canvas ref={canvas} width={picture.width} height={picture.height} />
    </>
  );
}

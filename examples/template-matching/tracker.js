import { createClient } from 'corr2d/worker';

/**
 * Finds a patch in frames, in a worker.
 *
 * @typedef {{ x: number, y: number, score: number, milliseconds: number }} Found
 */
export async function createTracker() {
  const client = await createClient();
  /** @type {ImageData | undefined} */
  let patch;

  return {
    /** @param {ImageData | undefined} image */
    setPatch(image) {
      patch = image;
    },

    /**
     * The place in a frame that is most like the patch. Undefined without a patch, and for a frame that a newer
     * one has replaced before the worker was free, so that frames never queue up.
     *
     * @param {ImageData} frame
     * @returns {Promise<Found | undefined>}
     */
    async find(frame) {
      if (patch === undefined) return undefined;
      const start = performance.now();
      try {
        // A threshold of -1 admits any score of this method.
        const options = { threshold: -1, latest: true };
        const [best] = await client.findTemplate(frame, patch, options);
        return best && { ...best, milliseconds: performance.now() - start };
      } catch (error) {
        if (error instanceof Error && error.name === 'AbortError') return undefined;
        throw error;
      }
    },
  };
}

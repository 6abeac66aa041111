// The values beyond the edges in scipy.signal.

/** The index, within `n` elements, of the element at position `i` for each boundary; undefined for the fill value. */
export const at = {
  fill: (i, n) => (i >= 0 && i < n ? i : undefined),
  wrap: (i, n) => ((i % n) + n) % n,
  symm: (i, n) => {
    const phase = ((i % (2 * n)) + 2 * n) % (2 * n);
    return phase < n ? phase : 2 * n - 1 - phase;
  },
};

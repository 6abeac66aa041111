// @ts-check

/**
 * One call of corr2d and its equivalents in the other libraries. A library without an equivalent has no
 * probe. peers.mjs describes the probes.
 * @typedef {object} Case
 * @property {(c: any) => unknown} corr2d
 * @property {unknown} [torch]
 * @property {unknown} [scipy]
 * @property {unknown} [skimage]
 * @property {unknown} [tfjs]
 * @property {unknown} [ort]
 * @property {unknown} [opencv]
 */

/**
 * A row of the table. If it has a single case, the name of the case is empty.
 * @typedef {{ title: string, cases: Record<string, Case> }} Row
 */

export {};

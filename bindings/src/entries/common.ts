/** What every entry imports at run time: one class of errors, and the version. */

export { Corr2dError } from '../runtime/corr2d-error.js';
export { version } from '../runtime/version.js';

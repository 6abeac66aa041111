/** The module that every entry imports at run time: the class of all errors, and the version. */

export { Corr2dError } from '../runtime/corr2d-error.js';
export { version } from '../runtime/version.js';

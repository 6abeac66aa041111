// @ts-check

/**
 * One small change that breaks one file. `from` must occur exactly once in the file.
 * @typedef {[file: string, what: string, from: string, to: string]} Mutation
 */

export {};

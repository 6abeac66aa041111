declare const CORR2D_VERSION: string;

/** The version of the package, from package.json; the build inserts it. */
export const version: string = CORR2D_VERSION;

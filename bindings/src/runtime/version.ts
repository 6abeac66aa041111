declare const CORR2D_VERSION: string;

/** The package's version: package.json's, put in by the build. */
export const version: string = CORR2D_VERSION;

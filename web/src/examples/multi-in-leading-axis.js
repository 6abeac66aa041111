import { K, X } from './multi-in.js';

// shapes 1×2×3×3 and 1×2×2×2
export default (c) => c.corr2dMultiIn([X], [K]);

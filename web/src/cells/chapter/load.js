import { load } from 'corr2d';

const c = await load();
c.version

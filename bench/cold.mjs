// Measures the first call in a new process; node-host.mjs starts it.
import { openSession } from './session.mjs';

const { options, shape } = JSON.parse(process.argv[2]);
const session = await openSession(options);
console.log(JSON.stringify(await session.firstCall(shape)));
// Some contenders have workers that keep the process alive.
process.exit();

// What the first call takes in a process that has done nothing before; node-host.mjs starts it.
import { openSession } from './session.mjs';

const { options, shape } = JSON.parse(process.argv[2]);
const session = await openSession(options);
console.log(JSON.stringify(await session.firstCall(shape)));
// Some contenders have workers that would keep the process waiting.
process.exit();

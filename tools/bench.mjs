/** `npm run bench`: prepares the checkout, then measures; `-- --quick` for a short run that writes nothing. */
import { requireNode } from './prepare/node-version.mjs';

requireNode(20);
const { runProgram } = await import('./prepare/run-program.mjs');
await runProgram('bench/dist/src/main.js');

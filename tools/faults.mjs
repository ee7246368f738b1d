/** `npm run faults`: prepares the checkout, then breaks it; `-- --quick` for the short form. See docs/faults.md. */
import { requireNode } from './prepare/node-version.mjs';

requireNode(20);
const { runProgram } = await import('./prepare/run-program.mjs');
await runProgram('faults/dist/main.js');

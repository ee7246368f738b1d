/** `npm run faults`: prepares the checkout, then breaks it; `-- --quick` for the short form. See docs/faults.md. */
import { requireNode } from './prepare/node-version.mjs';

requireNode(20);
const { buildWhenStale } = await import('./prepare/build.mjs');
const { installDependencies } = await import('./prepare/dependencies.mjs');
const { node24 } = await import('./prepare/run.mjs');
const { spawnSync } = await import('node:child_process');

await installDependencies();
await buildWhenStale();
const { status } = spawnSync(node24, ['faults/dist/main.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);

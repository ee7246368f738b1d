import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { Pool } from 'pg';
import { createBareActivities } from './activities.js';
import { BARE_QUEUE } from './names.js';

/** Runs as a process of its own, like the product's worker: arguments are the Temporal address, the namespace, the ERP's URL. */
const [address, namespace, erpUrl] = process.argv.slice(2);
Runtime.install({ shutdownSignals: ['SIGTERM'] });
const connection = await NativeConnection.connect({ address: address ?? '' });
const pool = new Pool({ connectionString: erpUrl ?? '', max: 10 });
const worker = await Worker.create({
  connection,
  namespace: namespace ?? '',
  taskQueue: BARE_QUEUE,
  workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
  activities: createBareActivities(pool),
});
process.on('disconnect', () => {
  process.exit(0); // the benchmark is gone
});
process.stdout.write('ready\n');
await worker.run();
await pool.end();
await connection.close();
// The channel to the benchmark would keep the process alive.
process.exit(0);

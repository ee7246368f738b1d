import { LoadRun } from './load-run.js';
import type { GeneratorMessage } from './load.js';

/** The load generator, a process of its own: its CPU is counted apart. Answers `prepare` with true, `go` with a result. */
let prepared: LoadRun | undefined;
process.on('message', (message: GeneratorMessage) => {
  if ('prepare' in message) {
    prepared = new LoadRun(message.prepare);
    process.send?.(true);
    return;
  }
  void prepared?.run().then((result) => process.send?.(result));
  prepared = undefined;
});
process.on('disconnect', () => {
  process.exit(0);
});
process.stdout.write('ready\n');

import { openBench, type Bench, type Tools } from './bench.js';
import { BareTemporal } from './floors/bare-temporal.js';
import type { TargetId } from './options.js';
import type { Measurements } from './report/run-record.js';
import { measureAgeing } from './targets/ageing.js';
import { measureBatches } from './targets/batches.js';
import { measureAccepts, measureOpenLoop, measureRejects } from './targets/door.js';
import { readFaultTotals } from './targets/fault-suite.js';
import { measureIdleLatency } from './targets/idle-latency.js';
import { measureManyFlows } from './targets/many-flows.js';
import { measureMemory } from './targets/memory.js';
import { measureOwnRuns } from './targets/own-run.js';
import { measureStarts } from './targets/starts.js';
import { measureVaultCalls } from './targets/vault-calls.js';

/** Measures what was asked for, in an order in which nothing disturbs what follows. */
export async function measure(bench: Bench): Promise<Measurements> {
  const results: Measurements = {};
  await measureAgainstTemporal(bench, results);
  if (wants(bench, 'T3', 'T4')) results.batches = await part(bench, 'batches (T3, T4)', measureBatches);
  if (wants(bench, 'T8')) results.vault = await part(bench, 'Vault calls (T8)', measureVaultCalls);
  await measureDoor(bench, results);
  if (wants(bench, 'T10')) results.memory = await part(bench, 'memory (T10)', measureMemory);
  const faults = wants(bench, 'T9', 'T12') ? readFaultTotals() : undefined;
  if (faults !== undefined) results.faults = faults;
  return results;
}

/** T11, on stacks of its own: the given one grows old. Full runs only. */
export async function measureGrowth(bench: Bench, tools: Tools, results: Measurements): Promise<void> {
  if (bench.options.quick || !wants(bench, 'T11')) return;
  const fresh = await openBench(tools);
  try {
    results.ageing = await part(bench, 'after 100,000 runs (T11)', () => measureAgeing(bench, fresh));
    const many = await openBench(tools);
    try {
      results.manyFlows = await part(bench, '1,000 flows (T11)', () => measureManyFlows(many, fresh));
    } finally {
      await many.close();
    }
  } finally {
    await fresh.close();
  }
}

async function measureAgainstTemporal(bench: Bench, results: Measurements): Promise<void> {
  if (!wants(bench, 'T1', 'T2', 'T4', 'T7')) return;
  const floor = await BareTemporal.start(bench);
  try {
    if (wants(bench, 'T1')) results.idle = await part(bench, 'idle latency', measureIdleLatency);
    if (wants(bench, 'T1', 'T4'))
      results.ownRunOne = await part(bench, 'own runs, one effect (T1, T4)', () =>
        measureOwnRuns(bench, floor, 'one'),
      );
    if (wants(bench, 'T2'))
      results.ownRunTwo = await part(bench, 'own runs, two effects (T2)', () =>
        measureOwnRuns(bench, floor, 'two'),
      );
    if (wants(bench, 'T7'))
      results.starts = await part(bench, 'starts (T7)', () => measureStarts(bench, floor));
  } finally {
    await floor.stop();
  }
}

async function measureDoor(bench: Bench, results: Measurements): Promise<void> {
  if (wants(bench, 'T6')) results.rejects = await part(bench, 'rejects (T6)', measureRejects);
  if (!wants(bench, 'T5', 'T9')) return;
  const accepts = await part(bench, 'accepts (T5)', measureAccepts);
  results.accepts = accepts;
  if (wants(bench, 'T9'))
    results.openLoop = await part(bench, 'door at half load (T9)', () => measureOpenLoop(bench, accepts));
}

function wants({ options }: Bench, ...ids: TargetId[]): boolean {
  return ids.some((id) => options.only.has(id));
}

function part<T>(bench: Bench, name: string, work: (bench: Bench) => Promise<T>): Promise<T> {
  bench.say(`== ${name}`);
  return work(bench);
}

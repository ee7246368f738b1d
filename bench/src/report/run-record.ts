import type { FsyncLatency } from '../cpu/fsync-probe.js';
import type { Pairs, RunFigures } from '../figures.js';
import type { Ageing } from '../targets/ageing.js';
import type { OpenLoop } from '../targets/door.js';
import type { FaultTotals } from '../targets/fault-suite.js';
import type { IdleLatency } from '../targets/idle-latency.js';
import type { Memory } from '../targets/memory.js';
import type { VaultCalls } from '../targets/vault-calls.js';

/** What was measured; what was not asked for is missing. */
export interface Measurements {
  ownRunOne?: Pairs;
  ownRunTwo?: Pairs;
  batches?: RunFigures[];
  accepts?: Pairs;
  rejects?: Pairs;
  openLoop?: OpenLoop;
  starts?: Pairs;
  vault?: VaultCalls;
  memory?: Memory;
  ageing?: Ageing;
  manyFlows?: Pairs;
  faults?: FaultTotals;
  idle?: IdleLatency;
}

/** One run of the benchmark: the raw form of `docs/benchmarks.md`. */
export interface RunRecord {
  readonly schema: 1;
  readonly mode: 'full' | 'quick';
  /** RFC 3339. */
  readonly measuredAt: string;
  /** Of the checkout; `+` when it had changes. */
  readonly commit: string;
  readonly minutes: number;
  readonly machine: {
    readonly cores: number;
    readonly processor: string;
    readonly memoryGiB: number;
    readonly node: string;
  };
  readonly fsync: FsyncLatency;
  /** From the command to every part ready, empty data folder, servers in the cache. */
  readonly coldStartMs: number;
  /** Second writes that the sink saw in the whole run, whoever made them. */
  readonly doubledSinceStart: number;
  readonly measurements: Measurements;
}

/** Deliveries lost and doubled in everything that was measured. */
export function damage({ measurements, doubledSinceStart }: RunRecord): { lost: number; doubled: number } {
  const {
    ownRunOne,
    ownRunTwo,
    accepts,
    starts,
    manyFlows,
    ageing,
    batches = [],
    vault,
    openLoop,
  } = measurements;
  const pairs = [ownRunOne, ownRunTwo, accepts, starts, manyFlows, ageing?.pairs];
  const runs = [...pairs.flatMap((each) => each?.pairs.flatMap(({ a, b }) => [a, b]) ?? []), ...batches];
  const lostRuns = runs.reduce((sum, { lost }) => sum + lost, 0);
  const unanswered = openLoop === undefined ? 0 : openLoop.sent - openLoop.accepted;
  // The stack's own sink told everything that happened on it; the door's rows and the other stacks have their own count.
  const elsewhere = [accepts, manyFlows, ageing?.pairs].flatMap((each) => each?.pairs ?? []);
  const doubled = elsewhere.reduce((sum, { a, b }) => sum + a.doubled + b.doubled, doubledSinceStart);
  return { lost: lostRuns + (vault?.lost ?? 0) + unanswered, doubled };
}

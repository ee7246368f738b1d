import { TICKS_PER_SECOND, type ProcessTimes } from './proc-stat.js';

/** Everything that was read at one moment. */
export interface Snapshot {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Ticks of the whole machine. */
  readonly busy: number;
  readonly processes: ReadonlyMap<number, ProcessTimes>;
  /** Backends of the ERP's database, which is the sink. */
  readonly sinkPids: ReadonlySet<number>;
}

/** CPU between two snapshots. */
export interface CpuUse {
  readonly seconds: number;
  /** CPU milliseconds by group; `sink` is taken out of `postgres`. */
  readonly groups: Readonly<Record<string, number>>;
  /** Share of the machine's capacity (0..1) that others used. */
  readonly foreignShare: number;
}

/** Parent of kernel threads, which work for whoever asked: counted as nobody's. */
const KERNEL_THREADS = 2;
const MS_PER_TICK = 1_000 / TICKS_PER_SECOND;

/**
 * Adds up what each group used. A process belongs to the group of its nearest ancestor among `roots`. Children that
 * ended in between are found in their parent's own account.
 * @param roots Group by pid. @param cores Of the machine.
 */
export function cpuBetween(
  before: Snapshot,
  after: Snapshot,
  roots: ReadonlyMap<number, string>,
  cores: number,
): CpuUse {
  const totals = groupTotals(after, roots);
  for (const [group, ticks] of groupTotals(before, roots))
    totals.set(group, (totals.get(group) ?? 0) - ticks);
  const sink = sinkTicks(before, after);
  const ours = [...totals.values()].reduce((sum, ticks) => sum + ticks, 0);
  const kernel = kernelTicks(after) - kernelTicks(before);
  const seconds = (after.at - before.at) / 1_000;
  const foreign = Math.max(0, after.busy - before.busy - ours - kernel);
  if (totals.has('postgres')) {
    totals.set('postgres', (totals.get('postgres') ?? 0) - sink);
    totals.set('sink', sink);
  }
  return {
    seconds,
    groups: Object.fromEntries(
      [...totals].map(([group, ticks]) => [group, Math.max(0, ticks) * MS_PER_TICK]),
    ),
    foreignShare: seconds <= 0 ? 0 : foreign / (seconds * TICKS_PER_SECOND * cores),
  };
}

function groupTotals({ processes }: Snapshot, roots: ReadonlyMap<number, string>): Map<string, number> {
  const totals = new Map<string, number>();
  for (const process of processes.values()) {
    const group = groupOf(process.pid, processes, roots);
    if (group === undefined) continue;
    totals.set(group, (totals.get(group) ?? 0) + process.own + process.endedChildren);
  }
  return totals;
}

function groupOf(
  pid: number,
  processes: Snapshot['processes'],
  roots: ReadonlyMap<number, string>,
): string | undefined {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = processes.get(at)?.parent) {
    const group = roots.get(at);
    if (group !== undefined) return group;
  }
  return undefined;
}

/** A backend that ended in between stays in `postgres`: its parent holds its account. */
function sinkTicks(before: Snapshot, after: Snapshot): number {
  let ticks = 0;
  for (const pid of after.sinkPids)
    ticks += (after.processes.get(pid)?.own ?? 0) - (before.processes.get(pid)?.own ?? 0);
  return ticks;
}

function kernelTicks({ processes }: Snapshot): number {
  let ticks = 0;
  for (const process of processes.values()) if (process.parent === KERNEL_THREADS) ticks += process.own;
  return ticks;
}

/** CPU milliseconds of some groups together. */
export function cpuOf(groups: CpuUse['groups'], names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (groups[name] ?? 0), 0);
}

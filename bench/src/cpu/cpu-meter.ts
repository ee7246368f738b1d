import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { cpuBetween, type CpuUse, type Snapshot } from './accounting.js';
import { backendDatabase, parseBusyTicks, parseProcessStat, type ProcessTimes } from './proc-stat.js';

/** Measures the CPU of process trees through /proc. Linux only. */
export class CpuMeter {
  private readonly roots = new Map<number, () => Iterable<[number, string]>>();
  private nextId = 0;

  /** Counts the trees under these pids; asked again for each measurement, since a part may have been restarted. */
  watch(rootsOf: () => Iterable<[number, string]>): () => void {
    const id = this.nextId++;
    this.roots.set(id, rootsOf);
    return () => {
      this.roots.delete(id);
    };
  }

  /** Starts a measurement; the returned function ends it. */
  begin(): () => CpuUse {
    const before = takeSnapshot();
    return () => {
      const roots = new Map([...this.roots.values()].flatMap((rootsOf) => [...rootsOf()]));
      return cpuBetween(before, takeSnapshot(), roots, availableParallelism());
    };
  }
}

function takeSnapshot(): Snapshot {
  const processes = new Map<number, ProcessTimes>();
  const sinkPids = new Set<number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const times = parseProcessStat(read(`/proc/${name}/stat`));
    if (times === undefined) continue; // ended while we looked
    processes.set(times.pid, times);
    if (backendDatabase(read(`/proc/${name}/cmdline`)) === 'erp') sinkPids.add(times.pid);
  }
  return { at: performance.now(), busy: parseBusyTicks(read('/proc/stat')), processes, sinkPids };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Proportional set size of one process, bytes. */
export function pssBytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
  if (kilobytes === undefined) throw new Error(`the memory of process ${pid} cannot be read`);
  return Number(kilobytes) * 1_024;
}

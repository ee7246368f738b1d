import { readdirSync, readFileSync } from 'node:fs';

/** CPU time used since the machine started, in clock ticks: by all processes, and by those that are ours. */
interface CpuTicks {
  readonly busy: number;
  readonly ours: number;
  readonly total: number;
}

const SAMPLE_MS = 1_000;

/**
 * Share of the machine that strangers used while something was measured. Times measured on a busy machine say
 * nothing about the product. Outside Linux it answers 0.
 */
export class ForeignCpu {
  private readonly shares: number[] = [];
  private last: CpuTicks;
  private readonly timer: NodeJS.Timeout;

  /** @param groups process groups that are ours, asked at each sample, since they are killed and replaced. */
  constructor(private readonly groups: () => readonly number[]) {
    this.last = this.read();
    this.timer = setInterval(() => {
      this.sample();
    }, SAMPLE_MS);
  }

  /** Ends the samples. 0 to 1. */
  stop(): number {
    clearInterval(this.timer);
    this.sample();
    return this.shares.reduce((sum, share) => sum + share, 0) / this.shares.length;
  }

  private sample(): void {
    const next = this.read();
    const total = next.total - this.last.total;
    const foreign = next.busy - this.last.busy - Math.max(0, next.ours - this.last.ours);
    if (total > 0) this.shares.push(Math.max(0, foreign) / total);
    this.last = next;
  }

  private read(): CpuTicks {
    try {
      const ticks =
        readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.trim().split(/\s+/).slice(1, 9).map(Number) ??
        [];
      const total = ticks.reduce((sum, value) => sum + value, 0);
      const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
      return { busy: total - idle, ours: this.ourTicks(), total };
    } catch {
      return { busy: 0, ours: 0, total: 0 };
    }
  }

  /** Members of our groups, and PostgreSQL's children, which lead groups of their own. */
  private ourTicks(): number {
    const groups = new Set([...this.groups(), process.pid]);
    let ticks = 0;
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = fieldsOf(name);
      const [parent, group] = [Number(stat[1]), Number(stat[2])];
      if (![Number(name), parent, group].some((id) => groups.has(id))) continue;
      ticks += Number(stat[11]) + Number(stat[12]);
    }
    return ticks;
  }
}

/** Fields of `/proc/<pid>/stat` after the name, which may hold blanks; none for a process that is gone. */
function fieldsOf(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

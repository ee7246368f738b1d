/** What one `/proc/<pid>/stat` says about a process. Times in clock ticks. */
export interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all threads. */
  readonly own: number;
  /** The same of children that ended and were waited for. */
  readonly endedChildren: number;
}

/** Clock ticks per second that Linux reports to user space, on every architecture that Node runs on. */
export const TICKS_PER_SECOND = 100;

/** Reads the text of `/proc/<pid>/stat`; undefined for anything else. The name in brackets may hold blanks and brackets. */
export function parseProcessStat(text: string): ProcessTimes | undefined {
  const nameEnd = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(nameEnd + 2).split(' ');
  const at = (index: number): number => Number(fields[index]);
  if (nameEnd < 0 || Number.isNaN(pid) || fields.length < 15) return undefined;
  return { pid, parent: at(1), own: at(11) + at(12), endedChildren: at(13) + at(14) };
}

/** Ticks of all processes together, from the first line of `/proc/stat`: user, nice and system. */
export function parseBusyTicks(text: string): number {
  const [, user = '0', nice = '0', system = '0'] = text.split('\n')[0]?.split(/\s+/) ?? [];
  return Number(user) + Number(nice) + Number(system);
}

/** Database of a PostgreSQL backend, from its title `postgres: user database 127.0.0.1(port) …`. */
export function backendDatabase(commandLine: string): string | undefined {
  return /^postgres: (?:\S+: )?\S+ (\S+) [\d.:a-f]+\(\d+\)/.exec(commandLine)?.[1];
}

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
let bootId: Promise<string> | undefined;

/**
 * What tells one process from another that got the same pid later: the kernel's start time, on Linux together
 * with the id of this boot. Undefined when no such process runs (a zombie counts as gone).
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? linuxIdentity(pid) : posixIdentity(pid);
}

/** True while the very process that `identity` was taken from runs. */
export async function isSameProcess(pid: number, identity: string): Promise<boolean> {
  return (await processIdentity(pid)) === identity;
}

async function linuxIdentity(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  const parsed = parseProcStat(stat);
  if (parsed === undefined || parsed.state === 'Z' || parsed.state === 'X') return undefined;
  bootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((id) => id.trim());
  return `${await bootId}/${parsed.startTime}`;
}

/** Fields 3 and 22 of proc(5) stat. The command name (field 2) may itself contain blanks and parentheses. */
export function parseProcStat(stat: string): { state: string; startTime: string } | undefined {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  const state = fields[0];
  const startTime = fields[19];
  return state === undefined || startTime === undefined ? undefined : { state, startTime };
}

async function posixIdentity(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    const match = /^(\S+)\s+(.+)$/.exec(stdout.trim());
    return match?.[1] === undefined || match[1].startsWith('Z') ? undefined : match[2];
  } catch {
    return undefined; // ps exits 1 when there is no such process
  }
}

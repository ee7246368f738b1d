import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process for a message: `pid 41 (node x.js)`; at most 120 characters of the command. */
export async function describeProcess(pid: number): Promise<string> {
  const command = process.platform === 'linux' ? await commandFromProc(pid) : await commandFromPs(pid);
  return command === '' ? `pid ${String(pid)}` : `pid ${String(pid)} (${command.slice(0, 120)})`;
}

async function commandFromProc(pid: number): Promise<string> {
  const line = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '');
  return line.replaceAll('\0', ' ').trim();
}

async function commandFromPs(pid: number): Promise<string> {
  const found = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return found?.stdout.trim() ?? '';
}

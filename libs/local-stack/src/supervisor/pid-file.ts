import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StackHome } from '../stack-home.js';
import { readJsonFile, writeFileAtomically } from './atomic-file.js';
import { errorCode } from '../system-error.js';

/** Record of one started process, kept while it lives, so that a later start recognises it. */
export interface PidRecord {
  readonly name: string;
  readonly pid: number;
  /** From `processIdentity`: a pid alone is reused by the system. */
  readonly identity: string;
  /** Signal that lets the process finish its work. */
  readonly stopSignal: NodeJS.Signals;
  /** Milliseconds granted after that signal before SIGKILL. */
  readonly stopGraceMs: number;
  /** Supervisor time of the start, RFC 3339; leftovers are ended youngest first. */
  readonly startedAt: string;
}

const SUFFIX = '.pid.json';

function pidFile(home: StackHome, name: string): string {
  return join(home.run, `${name}${SUFFIX}`);
}

/** Writes the record of a process that was just started. */
export async function writePidFile(home: StackHome, record: PidRecord): Promise<void> {
  await writeFileAtomically(pidFile(home, record.name), `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

/** Forgets a process that has ended. */
export async function removePidFile(home: StackHome, name: string): Promise<void> {
  await rm(pidFile(home, name), { force: true });
}

/** The record of one process; undefined when there is none or it is unreadable. */
export async function readPidFile(home: StackHome, name: string): Promise<PidRecord | undefined> {
  return asPidRecord(await readJsonFile(pidFile(home, name)));
}

/** All readable records of the data folder, oldest start first. */
export async function readPidFiles(home: StackHome): Promise<PidRecord[]> {
  const files = await readdir(home.run).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const names = files.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -SUFFIX.length));
  const records = await Promise.all(names.map((name) => readPidFile(home, name)));
  return records
    .filter((record) => record !== undefined)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

const SIGNALS: readonly string[] = ['SIGTERM', 'SIGINT'] satisfies NodeJS.Signals[];

/** Checks a parsed pid file. A file that says anything unexpected is no record: nothing is signalled because of it. */
export function asPidRecord(value: unknown): PidRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Record<keyof PidRecord, unknown>;
  const texts = [record.name, record.identity, record.startedAt];
  if (texts.some((text) => typeof text !== 'string' || text === '')) return undefined;
  if (!Number.isSafeInteger(record.pid) || Number(record.pid) <= 1) return undefined;
  if (!Number.isFinite(record.stopGraceMs) || !SIGNALS.includes(String(record.stopSignal))) return undefined;
  return value as PidRecord;
}

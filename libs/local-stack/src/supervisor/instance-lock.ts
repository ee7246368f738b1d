import { EcluseError } from '@ecluse/errors';
import { lock } from 'proper-lockfile';
import { isSameProcess, processIdentity } from '../servers/process-identity.js';
import type { StackHome } from '../stack-home.js';
import { readPidFile, removePidFile, writePidFile, type PidRecord } from './pid-file.js';

const SUPERVISOR = 'supervisor';

/** The record of the supervisor that runs on this folder now; undefined when none does. */
export async function findSupervisor(home: StackHome): Promise<PidRecord | undefined> {
  const record = await readPidFile(home, SUPERVISOR);
  if (record === undefined) return undefined;
  return (await isSameProcess(record.pid, record.identity)) ? record : undefined;
}

/**
 * Makes this process the one supervisor of the folder; resolves to its release. The record of a supervisor that
 * was killed is replaced. Throws `STACK_RUNNING` (ECL-7006) with the pid of a living one.
 */
export async function becomeSupervisor(home: StackHome): Promise<() => Promise<void>> {
  await exclusively(home, async () => {
    const running = await findSupervisor(home);
    if (running !== undefined && running.pid !== process.pid) {
      throw new EcluseError('STACK_RUNNING', {
        detail: `pid ${String(running.pid)} runs it since ${running.startedAt}, on ${home.root}`,
      });
    }
    await writePidFile(home, {
      name: SUPERVISOR,
      pid: process.pid,
      identity: (await processIdentity(process.pid)) ?? '',
      stopSignal: 'SIGTERM',
      stopGraceMs: 60_000,
      startedAt: new Date().toISOString(),
    });
  });
  return () => removePidFile(home, SUPERVISOR);
}

/** Two starts at the same moment must not both see a dead supervisor: look and write under a short file lock. */
async function exclusively(home: StackHome, work: () => Promise<void>): Promise<void> {
  const release = await lock(home.run, {
    lockfilePath: `${home.run}/supervisor.lock`,
    stale: 5_000,
    retries: { retries: 40, minTimeout: 100, maxTimeout: 250 },
  });
  try {
    await work();
  } finally {
    await release();
  }
}

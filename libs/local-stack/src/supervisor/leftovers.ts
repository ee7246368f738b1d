import { endProcess } from '../servers/end-process.js';
import { isSameProcess } from '../servers/process-identity.js';
import type { StackHome } from '../stack-home.js';
import { readPidFiles, removePidFile, type PidRecord } from './pid-file.js';

/** What to do with the records that an earlier supervisor left. */
export interface LeftoverPlan {
  /** Still running: end them in this order, which is youngest first. */
  readonly end: readonly PidRecord[];
  /** Gone, or the pid belongs to someone else now: only the record is removed. */
  readonly forget: readonly PidRecord[];
}

/** Decides about every record but the supervisor's own. `alive` holds the names whose very process still runs. */
export function planLeftovers(records: readonly PidRecord[], alive: ReadonlySet<string>): LeftoverPlan {
  const parts = records.filter((record) => record.name !== 'supervisor');
  return {
    end: parts
      .filter((record) => alive.has(record.name))
      .sort((a, b) => b.startedAt.localeCompare(a.startedAt)),
    forget: parts.filter((record) => !alive.has(record.name)),
  };
}

/** Ends what a killed supervisor left running, and nothing else. Resolves to the processes that were ended. */
export async function endLeftovers(home: StackHome): Promise<readonly PidRecord[]> {
  const records = await readPidFiles(home);
  const alive = new Set<string>();
  for (const record of records) {
    if (await isSameProcess(record.pid, record.identity)) alive.add(record.name);
  }
  const plan = planLeftovers(records, alive);
  for (const record of plan.end) {
    const { pid, identity, stopSignal, stopGraceMs } = record;
    await endProcess({ pid, identity, signal: stopSignal, graceMs: stopGraceMs });
  }
  for (const record of [...plan.end, ...plan.forget]) await removePidFile(home, record.name);
  return plan.end;
}

import { existsSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { EcluseError } from '@ecluse/errors';

/**
 * Marked points at which a process can be made to die as by `kill -9`, so that tests stop it exactly between two
 * steps that must not be torn apart. A point belongs here only while a test uses it.
 */
export const FAILPOINTS = [
  /** Verified and sealed, not yet inserted: the sender has no answer, nothing is stored. */
  'door.before-commit',
  /** Inserted, not yet answered: the sender repeats, and gets the answer of the first. */
  'door.after-commit',
  /** Run claimed, not yet started in Temporal. */
  'dispatch.before-start',
  /** Started in Temporal, not yet marked: the second start must be a no-op. */
  'dispatch.after-start',
  /** Effect recorded as intended, remote not yet called. */
  'worker.before-call',
  /** Remote called, outcome not yet recorded. */
  'worker.after-call',
  /** Outcome known, ledger not yet settled. */
  'worker.before-record',
  /** Ledger settled, Temporal not yet told. */
  'worker.after-record',
  /** Intentions of a batch recorded, remote not yet called in bulk. */
  'worker.batch-before-call',
  /** Remote called in bulk, no outcome yet recorded. */
  'worker.batch-after-call',
  /** Outcomes of a batch in the ledger, runs that failed or leave not yet settled. */
  'worker.batch-before-settle',
  /** All steps done, the run's end not yet recorded. */
  'worker.before-close',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/** Passed to the code that has marked points. */
export interface Failpoints {
  /** Ends the process, without any clean-up, when this point is armed. */
  hit(point: Failpoint): void;
}

/** No point is armed: production, and everything that does not ask for one. */
export const NO_FAILPOINTS: Failpoints = { hit: () => undefined };

/** How points are armed. Two settings are needed, so that one stray variable cannot kill a service. */
export interface FailpointSettings {
  /** `enabled` (`ECLUSE_FAILPOINTS`), or nothing. */
  readonly setting: string | undefined;
  /** Name of one point (`ECLUSE_FAILPOINT`): every process that reaches it dies. */
  readonly point?: string | undefined;
  /**
   * Folder (`ECLUSE_FAILPOINT_FOLDER`): a file named like a point arms it once. The process that reaches the point
   * removes the file and dies, so that its successor lives.
   */
  readonly folder?: string | undefined;
}

/** Arms points. Throws CONFIG_INVALID for points without the setting, another setting, or an unknown point. */
export function armFailpoints(settings: FailpointSettings, die: () => void = killSelf): Failpoints {
  const { setting, point, folder } = settings;
  if (setting !== undefined && setting !== 'enabled')
    throw invalid('ECLUSE_FAILPOINTS: expected `enabled` or nothing');
  if (point === undefined && folder === undefined) return NO_FAILPOINTS;
  if (setting === undefined) throw invalid('a failpoint is set without ECLUSE_FAILPOINTS=enabled');
  if (point !== undefined && !FAILPOINTS.some((known) => known === point)) {
    throw invalid(`ECLUSE_FAILPOINT: expected one of ${FAILPOINTS.join(', ')}`);
  }
  return {
    hit: (reached) => {
      if (reached === point || (folder !== undefined && takeFile(join(folder, reached)))) die();
    },
  };
}

function takeFile(path: string): boolean {
  if (!existsSync(path)) return false;
  unlinkSync(path);
  return true;
}

function invalid(detail: string): EcluseError {
  return new EcluseError('CONFIG_INVALID', { detail });
}

function killSelf(): void {
  process.kill(process.pid, 'SIGKILL');
}

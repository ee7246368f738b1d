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
  /** All steps done, the run's end not yet recorded. */
  'worker.before-close',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/** Passed to the code that has marked points. */
export interface Failpoints {
  /** Ends the process, without any clean-up, when this point is the armed one. */
  hit(point: Failpoint): void;
}

/** No point is armed: production, and everything that does not ask for one. */
export const NO_FAILPOINTS: Failpoints = { hit: () => undefined };

/**
 * Arms one point. Two settings are needed, so that one stray variable cannot kill a service.
 * @param setting `enabled` (`ECLUSE_FAILPOINTS`), or nothing.
 * @param point Name of the point (`ECLUSE_FAILPOINT`), or nothing.
 * Throws CONFIG_INVALID for a point without the setting, another setting, or an unknown point.
 */
export function armFailpoints(
  setting: string | undefined,
  point: string | undefined,
  die: () => void = killSelf,
): Failpoints {
  if (setting !== undefined && setting !== 'enabled')
    throw new EcluseError('CONFIG_INVALID', { detail: 'ECLUSE_FAILPOINTS: expected `enabled` or nothing' });
  if (point === undefined) return NO_FAILPOINTS;
  if (setting === undefined)
    throw new EcluseError('CONFIG_INVALID', {
      detail: 'ECLUSE_FAILPOINT is set without ECLUSE_FAILPOINTS=enabled',
    });
  const armed = FAILPOINTS.find((known) => known === point);
  if (armed === undefined)
    throw new EcluseError('CONFIG_INVALID', {
      detail: `ECLUSE_FAILPOINT: expected one of ${FAILPOINTS.join(', ')}`,
    });
  return {
    hit: (reached) => {
      if (reached === armed) die();
    },
  };
}

function killSelf(): void {
  process.kill(process.pid, 'SIGKILL');
}

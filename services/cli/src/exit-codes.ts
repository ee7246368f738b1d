/**
 * Exit codes of `ecluse`, for scripts. Also listed in `ecluse --help`; numbers are never reused.
 */
export const EXIT = {
  ok: 0,
  /** The command was understood and did not succeed. */
  failed: 1,
  /** Unknown command, option or argument. */
  usage: 2,
  /** The local stack of this folder does not run. */
  notRunning: 3,
  /** It runs, and at least one part of it is unhealthy. */
  unhealthy: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Help text of the exit codes. */
export const EXIT_CODES_HELP = `
Exit codes: ${EXIT.ok} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, ${EXIT.notRunning} the local stack does not run, ${EXIT.unhealthy} a part of it is unhealthy.`;

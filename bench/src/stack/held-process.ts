/** A process that is stopped for a while (SIGSTOP) and then goes on as if nothing had been. */
export function heldProcess(pid: () => number): { begin(): void; end(): void } {
  let held: number | undefined;
  return {
    begin: () => {
      held = pid();
      process.kill(held, 'SIGSTOP');
    },
    /** Repeatable. */
    end: () => {
      if (held !== undefined) process.kill(held, 'SIGCONT');
      held = undefined;
    },
  };
}

/** Signals by which a person, a service manager or a closed terminal asks the supervisor to stop. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One Ctrl-C reaches the supervisor several times: from the terminal, from npm and from `npm start`'s own script.
 * Only a signal that comes at least this long after the first, in milliseconds, is a second wish.
 */
const SECOND_AFTER_MS = 1_000;

/** True when a further signal is a person's wish to stop at once, not an echo of the first. Pure. */
export function isSecondWish(firstAtMs: number, nowMs: number): boolean {
  return nowMs - firstAtMs >= SECOND_AFTER_MS;
}

export interface StopHandlers {
  /** The first signal, or the end of the process that started this one. Called once. */
  readonly stop: (why: string) => void;
  /** A second signal. */
  readonly force: () => void;
}

/** Listens until the process ends. */
export function onStopSignal({ stop, force }: StopHandlers): void {
  let firstAt: number | undefined;
  const wish = (why: string): void => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      stop(why);
    } else if (isSecondWish(firstAt, performance.now())) {
      force();
    }
  };
  for (const signal of STOP_SIGNALS)
    process.on(signal, () => {
      wish(signal);
    });
  // `npm start` holds a channel to this process: when it is killed, nobody else could stop the stack.
  process.on('disconnect', () => {
    if (firstAt === undefined) wish('the starting process ended');
  });
  process.channel?.unref();
}

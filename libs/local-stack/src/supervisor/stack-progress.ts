/** Where the supervisor tells what it does; a terminal, a log, or nothing. */
export interface StackProgress {
  /**
   * One step of the start. `work` gets a function to tell what it is doing, with the last
   * line of a build's output beside it.
   * The step is over when `work` settles; a rejection passes through.
   */
  step<T>(title: string, work: (doing: (text: string, output?: string) => void) => Promise<T>): Promise<T>;
  /** One sentence that the user should see: a replaced port, a restart. */
  note(text: string): void;
}

/** Says nothing; for tests. */
export const silentProgress: StackProgress = {
  step: (_title, work) => work(() => undefined),
  note: () => undefined,
};

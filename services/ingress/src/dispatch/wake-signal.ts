/** Remembers that there is work, so that a notification between two waits is not lost. */
export class WakeSignal {
  private raised = false;
  private waiting: (() => void) | undefined;

  /** Ends the present wait, or the next one. */
  raise(): void {
    this.raised = true;
    this.waiting?.();
  }

  /** Resolves when raised, or after `milliseconds`; true when it was raised. */
  async wait(milliseconds: number): Promise<boolean> {
    if (!this.raised) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const { raised } = this;
    this.waiting = undefined;
    this.raised = false;
    return raised;
  }
}

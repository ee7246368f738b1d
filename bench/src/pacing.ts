/** How long a part of the benchmark may take, so that a slow or busy machine ends in time. */
export class Pacing {
  private readonly begun = performance.now();

  /** @param budgetMinutes Time for disturbed pairs to be measured again; after it they are only marked. */
  constructor(private readonly budgetMinutes: number) {}

  mayRepeat(): boolean {
    return performance.now() - this.begun < this.budgetMinutes * 60_000;
  }
}

/** Deliveries that take about `seconds` at the slower of the two rates, within bounds. */
export function countFor(seconds: number, perSecond: readonly number[], most: number): number {
  const slowest = Math.min(...perSecond);
  const LEAST = 40;
  return Math.max(LEAST, Math.min(most, Math.round(seconds * slowest)));
}

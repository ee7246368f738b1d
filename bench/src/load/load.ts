/** What the generator is asked to send. */
export interface LoadPlan {
  /** Where to post, taken in turn. */
  urls: readonly string[];
  /** `whsec_…` of all of them. */
  secret: string;
  /** Deals are `<tag>-<n>`, delivery keys too. */
  tag: string;
  count: number;
  connections: number;
  /** Sign with another secret: every answer is a 401. The same few requests are sent again and again. */
  forged?: boolean;
  /** Deliveries per second, open loop. Without it the loop is closed: the next one follows an answer. */
  rate?: number;
}

/** What became of it. */
export interface LoadResult {
  seconds: number;
  /** Answers by status; `0` is a connection that broke, whose request was sent again. */
  statuses: Record<string, number>;
  /** Milliseconds. In an open loop from the moment at which the request was due, so that a stall is not overlooked. */
  latency: { p50: number; p99: number; max: number };
}

export type GeneratorMessage = { prepare: LoadPlan } | { go: true };

/** Answers with one status. */
export function answered(result: LoadResult, status: number): number {
  return result.statuses[String(status)] ?? 0;
}

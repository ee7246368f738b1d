/** Which way bytes flow: `up` from the client to the server, `down` back. */
export type Direction = 'up' | 'down';

/** What a link does to the bytes on it. Without any field it passes them on. */
export interface Behaviour {
  /** Every piece arrives so much later, plus or minus the jitter. Milliseconds. */
  readonly latencyMs?: number;
  readonly jitterMs?: number;
  /** At most so many bytes in a second, each way. */
  readonly bytesPerSecond?: number;
  /** Share of pieces at which the connection is reset instead. 0 to 1. */
  readonly resetShare?: number;
  /** Bytes in these directions are held back until the next behaviour, as in a partition; connections stay open. */
  readonly silent?: readonly Direction[];
  /** Bytes in these directions are thrown away: the request arrives, its answer never does. */
  readonly dropped?: readonly Direction[];
  /** Once the client has sent this text, the connection's answers are thrown away: the commit is made, and nobody is told. */
  readonly dropAnswersAfter?: string;
}

/** How many bytes may be written at once, so that a slow link is slow evenly: a tenth of a second's worth. */
export function sliceBytes({ bytesPerSecond }: Behaviour): number {
  return bytesPerSecond === undefined ? Infinity : Math.max(1, Math.floor(bytesPerSecond / 10));
}

/** Milliseconds that a piece is held up by latency and jitter. */
export function delayMs({ latencyMs = 0, jitterMs = 0 }: Behaviour, random: number): number {
  return Math.max(0, latencyMs + (random * 2 - 1) * jitterMs);
}

/** Bytes of bodies being received or handled at once, over all connections of this process. */
export class InFlightBytes {
  private used = 0;

  /** @param limit Bytes. */
  constructor(private readonly limit: number) {}

  /** Reserves, or refuses by answering undefined. The answer gives the bytes back; calling it again does nothing. */
  reserve(bytes: number): (() => void) | undefined {
    if (this.used + bytes > this.limit) return undefined;
    this.used += bytes;
    let held = true;
    return () => {
      if (held) this.used -= bytes;
      held = false;
    };
  }

  /** Bytes reserved now. */
  get reserved(): number {
    return this.used;
  }
}

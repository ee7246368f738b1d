/**
 * Fails calls fast while Vault is away, so that each of them does not wait for its own timeout.
 * Opens after `threshold` counted failures in a row, or at once (sealed). After `openMs` one real call is let
 * through; its success closes the circuit, its failure opens it again. `sys/health` is never the judge: it says 200
 * while audit devices are full and every request fails.
 */
export class Circuit {
  private failures = 0;
  private openUntil: number | null = null;
  private probing = false;

  /**
   * @param now Monotonic milliseconds.
   * @param threshold Default 5.
   * @param openMs Default 1000.
   */
  constructor(
    private readonly now: () => number,
    private readonly threshold = 5,
    private readonly openMs = 1000,
  ) {}

  /** False: refuse without asking Vault. True must be followed by exactly one of the three below. */
  admit(): boolean {
    if (this.openUntil === null) return true;
    if (this.probing || this.now() < this.openUntil) return false;
    this.probing = true;
    return true;
  }

  succeeded(): void {
    this.failures = 0;
    this.openUntil = null;
    this.probing = false;
  }

  /** The call ended without telling anything about Vault. */
  abandoned(): void {
    this.probing = false;
  }

  /** @param effect Of the failure table; undefined when Vault answered and is therefore there. */
  failed(effect: 'open' | 'count' | undefined): void {
    if (effect === undefined) {
      this.succeeded();
      return;
    }
    this.failures += 1;
    if (effect === 'open' || this.openUntil !== null || this.failures >= this.threshold) {
      this.openUntil = this.now() + this.openMs;
    }
    this.probing = false;
  }
}

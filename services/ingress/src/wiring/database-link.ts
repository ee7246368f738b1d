import type { Logger } from '@ecluse/observability';
import type { createDataSource } from '@ecluse/storage/postgres';
import { backOffMs } from '../dispatch/back-off.js';

const CONNECT = { firstMs: 250, longestMs: 5_000 };

type DataSource = ReturnType<typeof createDataSource>;

/**
 * The first connection to PostgreSQL, tried until it stands: a service that starts before its database answers 503
 * until then, instead of ending.
 */
export class DatabaseLink {
  private stopping = false;
  private opening: Promise<void> | undefined;
  private wakeUp: (() => void) | undefined;

  constructor(
    readonly dataSource: DataSource,
    private readonly log: Logger,
  ) {}

  /** Begins; returns at once. `connected` runs once, when the connection stands. */
  open(connected: () => Promise<void>): void {
    this.opening ??= this.connect(connected).catch((error: unknown) => {
      this.log.error('start-up after connecting failed', { error });
    });
  }

  /** For readiness. Throws when PostgreSQL does not answer. */
  async check(): Promise<void> {
    await this.dataSource.query('SELECT 1');
  }

  async close(): Promise<void> {
    this.stopping = true;
    this.wakeUp?.();
    await this.opening;
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async connect(connected: () => Promise<void>): Promise<void> {
    for (let failures = 1; !this.stopping; failures += 1) {
      try {
        if (!this.dataSource.isInitialized) await this.dataSource.initialize();
        await connected();
        return;
      } catch (error) {
        const retryInMs = backOffMs(failures, CONNECT, Math.random());
        this.log.warn('PostgreSQL is not reachable yet', { attempt: failures, retryInMs, error });
        await this.sleep(retryInMs);
      }
    }
  }

  private async sleep(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

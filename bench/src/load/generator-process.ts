import { startChild, type Child } from '../stack/child.js';
import type { GeneratorMessage, LoadPlan, LoadResult } from './load.js';

/** The load generator, seen from the benchmark. */
export class Generator {
  private constructor(private readonly child: Child) {}

  static async start(): Promise<Generator> {
    return new Generator(await startChild('src/load/generator.js', []));
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Signs everything; the returned function sends it. */
  async prepare(plan: LoadPlan): Promise<() => Promise<LoadResult>> {
    await this.child.ask<true>({ prepare: plan } satisfies GeneratorMessage);
    return () => this.child.ask<LoadResult>({ go: true } satisfies GeneratorMessage);
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}

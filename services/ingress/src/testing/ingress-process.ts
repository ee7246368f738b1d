import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { eventually } from '@ecluse/testing';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
/** Runs the workspace from source, so that no build comes before a test. */
const FROM_SOURCE = pathToFileURL(
  fileURLToPath(new URL('../../../../tools/jest/import-from-source.mjs', import.meta.url)),
).href;

/** An ingress as a process of its own, which can be killed. */
export class IngressProcess {
  private output = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** @param port A free port. */
  static async start(environment: Record<string, string>, port: number): Promise<IngressProcess> {
    const child = spawn(process.execPath, ['--import', FROM_SOURCE, MAIN], {
      env: { PATH: process.env['PATH'], ...environment, ECLUSE_DOOR_PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new IngressProcess(child, `http://127.0.0.1:${String(port)}`);
    await eventually(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const { status } = await fetch(`${started.origin}/health/ready`);
        if (status !== 200) throw new Error(`not ready: ${started.output}`);
      },
      { timeoutMs: 30_000 },
    );
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended: ${started.output}`);
    return started;
  }

  /** Everything it printed. */
  get printed(): string {
    return this.output;
  }

  /** How it ended. */
  async ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }

  /** Asks it to end; answers how it did. */
  async stop(
    signal: NodeJS.Signals = 'SIGTERM',
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.child.kill(signal);
    return this.ended();
  }
}

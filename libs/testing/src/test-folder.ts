import { rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  endProcess,
  isSameProcess,
  processIdentity,
  type SpawnedServer,
  type SpawnHook,
} from '@ecluse/local-stack';

interface ProcessRecord {
  readonly pid: number;
  readonly identity: string;
}
interface FolderRecord {
  readonly owner: ProcessRecord;
  readonly servers: readonly ProcessRecord[];
}

const PREFIX = 'ecluse-test-';
const RECORD = 'processes.json';

/** A temporary folder and the servers in it. They end with the test run, even when it is interrupted. */
export class TestFolder {
  private readonly servers: SpawnedServer[] = [];

  private constructor(
    readonly path: string,
    private readonly owner: ProcessRecord,
  ) {}

  /** Also removes what test runs left that were killed. */
  static async create(): Promise<TestFolder> {
    await removeLeftovers();
    const path = await mkdtemp(join(tmpdir(), PREFIX));
    await chmod(path, 0o711); // PostgreSQL runs as another user when root runs the tests
    const identity = await processIdentity(process.pid);
    if (identity === undefined) throw new Error('this process has an identity');
    const folder = new TestFolder(path, { pid: process.pid, identity });
    folder.record();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, folder.abandon);
    return folder;
  }

  /** Makes a server end with this folder. */
  readonly track: SpawnHook = (server) => {
    this.servers.push(server);
    this.record();
    return Promise.resolve();
  };

  async remove(): Promise<void> {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.abandon);
    await Promise.all(
      this.servers.map(({ pid, identity, stopSignal, stopGraceMs }) =>
        endProcess({ pid, identity, signal: stopSignal, graceMs: stopGraceMs }),
      ),
    );
    await rm(this.path, { recursive: true, force: true });
  }

  /** The run was interrupted: no time for order, nothing to keep. */
  private readonly abandon = (signal: NodeJS.Signals): void => {
    for (const { pid } of this.servers) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // already gone
      }
    }
    rmSync(this.path, { recursive: true, force: true, maxRetries: 10 });
    process.kill(process.pid, signal);
  };

  /** At once: several servers start at the same time. */
  private record(): void {
    const servers = this.servers.map(({ pid, identity }) => ({ pid, identity }));
    const record: FolderRecord = { owner: this.owner, servers };
    writeFileSync(join(this.path, RECORD), JSON.stringify(record), { mode: 0o600 });
  }
}

async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(tmpdir(), name);
    const text = await readFile(join(path, RECORD), 'utf8').catch(() => undefined);
    if (text === undefined) continue; // just being made by another run, or not ours to read
    const { owner, servers } = JSON.parse(text) as FolderRecord;
    if (await isSameProcess(owner.pid, owner.identity)) continue;
    for (const server of servers) await endProcess({ ...server, signal: 'SIGKILL' });
    await rm(path, { recursive: true, force: true });
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecluse/testing';
import { checkout } from './stack/cli.js';
import { readStatus, type Status } from './stack/status.js';

const started: ChildProcess[] = [];

/** Started by root, PostgreSQL runs as a user of its own, which has to pass through. */
function traversable(folder: string): string {
  chmodSync(folder, 0o711);
  return folder;
}

interface Up {
  child: ChildProcess;
  output: () => string;
  ended: Promise<number | null>;
}

function up(home: string, args: string[] = [], environment: Record<string, string> = {}): Up {
  const child = spawn(process.execPath, ['services/cli/bin/ecluse.mjs', 'up', ...args], {
    cwd: checkout,
    env: { ...process.env, NODE_OPTIONS: '', ECLUSE_HOME: home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, output: () => text, ended };
}

function statusOf(home: string): Status {
  return JSON.parse(readFileSync(join(home, 'status.json'), 'utf8')) as Status;
}

async function ready(home: string, run: Up): Promise<Status> {
  return eventually(
    () => {
      if (run.child.exitCode !== null) throw new Error(`ended early: ${run.output()}`);
      const status = statusOf(home);
      if (status.state !== 'ready' || status.supervisorPid !== run.child.pid)
        throw new Error(`${status.state}: ${run.output()}`);
      return status;
    },
    { timeoutMs: 180_000 },
  );
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie answers to signal 0 although it has ended.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('the supervisor', () => {
  const home = traversable(mkdtempSync(join(tmpdir(), 'ecluse-up-')));

  afterAll(() => {
    for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  });

  it('runs beside another stack, survives kill -9 of itself, keeps the data and leaves no orphan', async () => {
    const first = up(home);
    const status = await ready(home, first);
    const other = readStatus();
    const ports = new Set(
      Object.values(other.endpoints).map((endpoint) => endpoint.split(':').at(-1)?.split('/')[0]),
    );
    for (const endpoint of [status.endpoints.door, status.endpoints.vault, status.endpoints.postgres]) {
      expect(ports.has(endpoint.split(':').at(-1))).toBe(false);
    }

    first.child.kill('SIGKILL');
    await first.ended;
    const leftovers = status.parts.map(({ pid }) => pid);
    expect(leftovers.every(alive)).toBe(true);

    const second = up(home);
    const again = await ready(home, second);
    await eventually(
      () => {
        expect(leftovers.filter(alive)).toEqual([]);
      },
      { timeoutMs: 30_000 },
    );
    expect(again.endpoints.door).toBe(status.endpoints.door);
    expect(again.parts.map(({ pid }) => pid).every(alive)).toBe(true);
    // The other stack was not touched.
    expect(other.parts.map(({ pid }) => pid).every(alive)).toBe(true);

    const refused = up(home);
    expect(await refused.ended).not.toBe(0);
    expect(refused.output()).toContain('ECL-7006');

    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(again.parts.map(({ pid }) => pid).filter(alive)).toEqual([]);
  }, 420_000);

  it('refuses a data folder of another version', async () => {
    const foreign = mkdtempSync(join(tmpdir(), 'ecluse-foreign-'));
    writeFileSync(join(foreign, 'stack.json'), JSON.stringify({ layout: 999 }));
    const run = up(foreign);
    expect(await run.ended).toBe(1);
    expect(run.output()).toContain('ECL-7004');
    expect(run.output()).toContain('--reset');
    expect(existsSync(join(foreign, 'postgres'))).toBe(false);
  });

  it('refuses a port that the user set and another process holds, and names that process', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const run = up(mkdtempSync(join(tmpdir(), 'ecluse-port-')), ['--door-port', String(port)]);
    expect(await run.ended).toBe(1);
    expect(run.output()).toContain('ECL-7003');
    expect(run.output()).toContain(`pid ${String(process.pid)}`);
    server.close();
  });

  it('names the ways out when the servers are missing and cannot be built', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'ecluse-empty-'));
    const run = up(join(empty, 'home'), [], {
      PATH: empty,
      XDG_CACHE_HOME: empty,
      ECLUSE_TEMPORAL_BIN: '',
      ECLUSE_VAULT_BIN: '',
      ECLUSE_VAULT_PLUGIN_DIR: '',
    });
    expect(await run.ended).toBe(1);
    expect(run.output()).toContain('ECL-7002');
    expect(run.output()).toMatch(/install Go/i);
  });
});

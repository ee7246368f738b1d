import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { endProcess } from './end-process.js';
import { isSameProcess, processIdentity } from './process-identity.js';
import { launchServer, type LaunchOptions, type RunningServer } from './server-process.js';
import { waitUntil } from './wait-until.js';

let folder: string;
let running: RunningServer[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-process-'));
  running = [];
});
afterEach(async () => {
  for (const server of running) await endProcess({ ...server, signal: 'SIGKILL' });
  await rm(folder, { recursive: true, force: true });
});

/** Starts a Node program; `ready` is the file it writes when it is up. */
async function launch(program: string, more: Partial<LaunchOptions> = {}): Promise<RunningServer> {
  const ready = join(folder, 'ready');
  const server = await launchServer({
    name: 'thing',
    command: process.execPath,
    args: [
      '-e',
      `const up = () => require('fs').writeFileSync(${JSON.stringify(ready)}, String(process.pid)); ${program}`,
    ],
    cwd: folder,
    logs: folder,
    ready: async () => (await readFile(ready, 'utf8')) !== '',
    ...more,
  });
  running.push(server);
  return server;
}
const FOREVER = 'setInterval(() => {}, 1000);';

describe('a server that does not come up', () => {
  it('whose program does not exist', async () => {
    await expect(launch('', { command: join(folder, 'none') })).rejects.toMatchObject({
      errorName: 'STACK_BROKEN',
    });
  });

  it('that ends while starting is shown with the end of its log', async () => {
    await expect(launch('console.error("bad option"); process.exit(3)')).rejects.toMatchObject({
      errorName: 'STACK_BROKEN',
      detail: expect.stringContaining('bad option'),
    });
  });

  it('for want of disk space is named so', async () => {
    const program = 'console.error("could not write: No space left on device"); process.exit(1)';
    await expect(launch(program)).rejects.toMatchObject({ errorName: 'DISK_FULL' });
  });

  it('that never answers is stopped', async () => {
    let pid = 0;
    const onSpawn = (spawned: { pid: number }): Promise<void> => {
      pid = spawned.pid;
      return Promise.resolve();
    };
    await expect(launch(FOREVER, { readyTimeoutMs: 500, onSpawn })).rejects.toMatchObject({
      detail: expect.stringContaining('did not answer within 0.5 s'),
    });
    expect(await processIdentity(pid)).toBeUndefined();
  });
});

describe('a running server', () => {
  it('is stopped in order, and says how it ended', async () => {
    const server = await launch(`process.on('SIGTERM', () => process.exit(0)); up(); ${FOREVER}`);
    expect(await isSameProcess(server.pid, server.identity)).toBe(true);
    await server.stop();
    await expect(server.exited).resolves.toEqual({ code: 0, signal: null });
    await server.stop(); // again: nothing to do
  });

  it('that ignores the request is killed after its grace', async () => {
    const server = await launch(`process.on('SIGTERM', () => {}); up(); ${FOREVER}`, { stopGraceMs: 300 });
    await server.stop();
    await expect(server.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('takes its own children with it', async () => {
    const child = join(folder, 'child');
    const spawnChild = `const c = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(FOREVER)}]);
      require('fs').writeFileSync(${JSON.stringify(child)}, String(c.pid));`;
    const server = await launch(`${spawnChild} up(); ${FOREVER}`);
    const childPid = Number(await readFile(child, 'utf8'));
    expect(await processIdentity(childPid)).toBeDefined();
    await server.stop();
    expect(await waitUntil(async () => (await processIdentity(childPid)) === undefined, 5_000)).toBe(true);
  });

  it('is left alone under another identity: the pid may belong to somebody else now', async () => {
    const server = await launch(`up(); ${FOREVER}`);
    await endProcess({ pid: server.pid, identity: `${server.identity}0`, signal: 'SIGKILL' });
    expect(await isSameProcess(server.pid, server.identity)).toBe(true);
  });

  it('appends to its log, and starts a new one when it is too large', async () => {
    const log = join(folder, 'thing.log');
    await writeFile(log, Buffer.alloc(21 * 1024 * 1024, 'x'));
    const server = await launch(`console.log('hello'); up(); ${FOREVER}`);
    expect(await readFile(log, 'utf8')).toBe('hello\n');
    await server.stop();
  });
});

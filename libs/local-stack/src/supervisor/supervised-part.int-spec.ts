import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { processIdentity } from '../servers/process-identity.js';
import { launchServer } from '../servers/server-process.js';
import { waitUntil } from '../servers/wait-until.js';
import { createStackHome, type StackHome } from '../stack-home.js';
import { becomeSupervisor, findSupervisor } from './instance-lock.js';
import { endLeftovers } from './leftovers.js';
import { readPidFiles, writePidFile } from './pid-file.js';
import { machinePorts } from './port-probe.js';
import { SupervisedPart, type PartDefinition } from './supervised-part.js';

/** Real: processes, signals, files, ports. Fake: the parts are Node scripts instead of servers. */
const LIVES = 'setInterval(() => undefined, 1000)';
/** Starts a helper in its own group, as Vault does with its plugins, and tells its pid in a file. */
const LIVES_WITH_HELPER = `
  const helper = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(LIVES)}]);
  require('node:fs').writeFileSync('helper-' + helper.pid, '');
  ${LIVES}`;

let home: StackHome;
beforeEach(async () => {
  home = await createStackHome(await mkdtemp(join(tmpdir(), 'ecluse-supervisor-')));
});

function script(code: string): PartDefinition {
  return {
    name: 'worker',
    start: async (onSpawn) => ({
      version: '1',
      server: await launchServer({
        name: 'worker',
        command: process.execPath,
        args: ['-e', code],
        cwd: home.root,
        logs: home.logs,
        ready: () => Promise.resolve(true),
        onSpawn,
      }),
    }),
  };
}

describe('SupervisedPart', () => {
  const parts: SupervisedPart[] = [];
  const notes: string[] = [];
  function supervise(code: string): SupervisedPart {
    notes.length = 0;
    const part = new SupervisedPart(home, script(code), ({ note }) => {
      if (note !== undefined) notes.push(note);
    });
    parts.push(part);
    return part;
  }
  afterEach(async () => {
    for (const part of parts.splice(0)) await part.stop();
  });

  it('starts a killed part again, ends what its group left, and says so', async () => {
    const part = supervise(LIVES_WITH_HELPER);
    await part.start();
    const first = part.pid ?? 0;
    const helperFile = async (): Promise<string | undefined> =>
      (await readdir(home.root)).find((name) => name.startsWith('helper-'));
    await waitUntil(async () => (await helperFile()) !== undefined, 5_000);
    const helper = Number((await helperFile())?.slice('helper-'.length));
    expect(await processIdentity(helper)).toBeDefined();
    process.kill(first, 'SIGKILL');
    await waitUntil(() => Promise.resolve(part.state === 'ready' && part.pid !== first), 5_000);
    expect(part).toMatchObject({ state: 'ready', restarts: 1 });
    expect(part.pid).not.toBe(first);
    expect(await processIdentity(helper)).toBeUndefined();
    expect(notes).toEqual(['worker ended (SIGKILL); starting it again in 0.5 s']);
    expect(await readPidFiles(home)).toMatchObject([{ name: 'worker', pid: part.pid }]);
  });

  it('stops for good in the middle of a restart', async () => {
    const part = supervise(LIVES);
    await part.start();
    process.kill(part.pid ?? 0, 'SIGKILL');
    await waitUntil(() => Promise.resolve(part.state === 'restarting'), 5_000);
    expect(part.state).toBe('restarting');
    await part.stop();
    expect(part).toMatchObject({ state: 'stopped', pid: null });
    expect(await readPidFiles(home)).toEqual([]);
  });

  it('is failed, not restarted, when its first start fails', async () => {
    const part = new SupervisedPart(
      home,
      { name: 'worker', start: () => Promise.reject(new Error('does not start')) },
      () => undefined,
    );
    await expect(part.start()).rejects.toThrow('does not start');
    expect(part).toMatchObject({ state: 'failed', restarts: 0, pid: null });
  });
});

describe('leftovers of a killed supervisor', () => {
  async function orphan(): Promise<{ pid: number; identity: string; gone: Promise<unknown> }> {
    const child = spawn(process.execPath, ['-e', LIVES], { detached: true, stdio: 'ignore' });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    return { pid, identity: (await processIdentity(pid)) ?? '', gone: once(child, 'exit') };
  }
  const common = { stopSignal: 'SIGTERM', stopGraceMs: 5_000, startedAt: new Date(0).toISOString() } as const;

  it('are ended, and nobody else is', async () => {
    const [ours, stranger] = await Promise.all([orphan(), orphan()]);
    await writePidFile(home, { ...common, name: 'worker', pid: ours.pid, identity: ours.identity });
    // The pid of a former child, which the system gave to somebody else meanwhile.
    await writePidFile(home, { ...common, name: 'ingress', pid: stranger.pid, identity: 'another-boot/1' });
    expect((await endLeftovers(home)).map(({ name }) => name)).toEqual(['worker']);
    await ours.gone;
    expect(await processIdentity(stranger.pid)).toBe(stranger.identity);
    expect(await readPidFiles(home)).toEqual([]);
    process.kill(stranger.pid, 'SIGKILL');
    await stranger.gone;
  });

  it('do not keep a new supervisor out, but a living one does', async () => {
    const dead = { ...common, name: 'supervisor', pid: process.pid, identity: 'another-boot/1' };
    await writePidFile(home, dead);
    expect(await findSupervisor(home)).toBeUndefined();
    const release = await becomeSupervisor(home);
    expect(await findSupervisor(home)).toMatchObject({ pid: process.pid });
    await release();

    const other = await orphan();
    await writePidFile(home, { ...common, name: 'supervisor', pid: other.pid, identity: other.identity });
    await expect(becomeSupervisor(home)).rejects.toMatchObject({
      code: 'ECL-7006',
      detail: expect.stringContaining(`pid ${String(other.pid)}`) as unknown,
    });
    process.kill(other.pid, 'SIGKILL');
    await other.gone;
  });
});

describe('machinePorts', () => {
  it('tells a free port from a busy one, and who holds it', async () => {
    const port = await machinePorts.findFree();
    expect(await machinePorts.isFree(port)).toBe(true);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(await machinePorts.isFree(port)).toBe(false);
    expect(await machinePorts.describeHolder(port)).toContain(`pid ${String(process.pid)} (`);
    server.close();
    await once(server, 'close');
  });
});

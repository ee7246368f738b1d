import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitUntil } from '../servers/wait-until.js';
import { cacheEntry, readPins } from './cache.js';
import { RECIPES } from './recipes.js';
import { resolveServer } from './resolve-toolchain.js';
import { ToolFolder, VERSION_TEXTS } from './testing/fake-tools.js';

let folder: ToolFolder;
beforeEach(async () => {
  folder = await ToolFolder.create();
});
afterEach(() => folder.remove());

async function entryOf(part: 'temporal' | 'vault'): Promise<string> {
  const pins = await readPins(folder.at('modules', part), RECIPES[part]);
  return folder.at('cache', cacheEntry(RECIPES[part], pins));
}
async function builds(): Promise<string[]> {
  return (await readFile(folder.at('builds'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
}

describe('where a server is found', () => {
  it('refuses a program named by the environment that is not there, whatever else there is', async () => {
    await folder.program('bin/temporal', VERSION_TEXTS.temporal);
    const options = folder.options({ ECLUSE_TEMPORAL_BIN: folder.at('nowhere') });
    await expect(resolveServer('temporal', options)).rejects.toMatchObject({
      errorName: 'TOOLCHAIN_MISSING',
      detail: expect.stringContaining('ECLUSE_TEMPORAL_BIN'),
    });
  });

  it('refuses a program named by the environment whose version does not fit', async () => {
    const old = await folder.program('old/temporal', VERSION_TEXTS.oldTemporal);
    await expect(
      resolveServer('temporal', folder.options({ ECLUSE_TEMPORAL_BIN: old })),
    ).rejects.toMatchObject({
      detail: expect.stringContaining('is version 1.24.0, needed is 1.31.0'),
    });
  });

  it('refuses a Vault without its database plugin', async () => {
    const vault = await folder.program('mine/vault', VERSION_TEXTS.vault);
    const named = { ECLUSE_VAULT_BIN: vault };
    await expect(resolveServer('vault', folder.options(named))).rejects.toMatchObject({
      detail: expect.stringContaining('without the PostgreSQL plugin'),
    });
    const elsewhere = { ...named, ECLUSE_VAULT_PLUGIN_DIR: folder.at('bin') };
    await expect(resolveServer('vault', folder.options(elsewhere))).rejects.toMatchObject({
      detail: expect.stringContaining('has no executable postgresql-database-plugin'),
    });
  });

  it('names the ways out when nothing is found and Go is missing', async () => {
    const refusal = expect(resolveServer('vault', folder.options())).rejects;
    await refusal.toMatchObject({
      errorName: 'TOOLCHAIN_MISSING',
      detail: expect.stringMatching(/Go is not on PATH.*ECLUSE_VAULT_BIN.*install Vault.*install Go/),
    });
  });

  it('takes the environment before PATH, and PATH before the cache', async () => {
    const named = await folder.program('mine/temporal', VERSION_TEXTS.temporal);
    await folder.go();
    expect(await resolveServer('temporal', folder.options())).toMatchObject({ origin: 'built' });
    const onPath = await folder.program('bin/temporal', VERSION_TEXTS.temporal);
    expect(await resolveServer('temporal', folder.options())).toMatchObject({ path: onPath, origin: 'path' });
    const options = folder.options({ ECLUSE_TEMPORAL_BIN: named });
    expect(await resolveServer('temporal', options)).toMatchObject({
      path: named,
      origin: 'environment',
      version: '1.31.2',
    });
  });

  it('passes by a program on PATH that does not fit, and says so when there is no way on', async () => {
    await folder.program('bin/temporal', VERSION_TEXTS.oldTemporal);
    await expect(resolveServer('temporal', folder.options())).rejects.toMatchObject({
      detail: expect.stringMatching(/version 1\.24\.0.*Go is not on PATH/),
    });
    await folder.go();
    expect(await resolveServer('temporal', folder.options())).toMatchObject({ origin: 'built' });
  });

  it('knows a Vault that has the plugin built in, and one that has it beside itself', async () => {
    const vendor = await folder.script(
      'vendor/vault',
      `echo '${VERSION_TEXTS.vault}'; exit 0 # github.com/hashicorp/vault/plugins/database/postgresql.New`,
    );
    expect(await resolveServer('vault', folder.options({ ECLUSE_VAULT_BIN: vendor }))).toEqual({
      path: vendor,
      version: '1.21.2',
      origin: 'environment',
    });
    const own = await folder.program('own/vault', VERSION_TEXTS.vault);
    await folder.program('own/plugins/postgresql-database-plugin', 'plugin');
    const found = await resolveServer('vault', folder.options({ ECLUSE_VAULT_BIN: own }));
    expect(found.pluginDirectory).toBe(folder.at('own', 'plugins'));
  });
});

describe('a build', () => {
  it('refuses a Go that is too old', async () => {
    await folder.program('bin/go', 'go version go1.20.1 linux/amd64');
    await expect(resolveServer('temporal', folder.options())).rejects.toMatchObject({
      detail: expect.stringContaining('Go 1.26 or newer is needed'),
    });
  });

  it('shows the last lines of Go when it fails, and leaves nothing behind', async () => {
    await folder.go('echo "cannot find module" >&2; exit 1');
    await expect(resolveServer('temporal', folder.options())).rejects.toMatchObject({
      detail: expect.stringContaining('cannot find module'),
    });
    expect(await readdir(folder.at('cache'))).toEqual([]);
  });

  it('says that the disk is full', async () => {
    await folder.go('echo "write /x: no space left on device" >&2; exit 1');
    await expect(resolveServer('temporal', folder.options())).rejects.toMatchObject({
      errorName: 'DISK_FULL',
    });
  });

  it('tells each step', async () => {
    await folder.go();
    const told: string[] = [];
    const found = await resolveServer('vault', {
      ...folder.options(),
      onProgress: ({ part, step, total, what }) =>
        told.push(`${part} ${String(step)}/${String(total)} ${what}`),
    });
    expect(told).toEqual(
      expect.arrayContaining(['vault 1/2 vault', 'vault 2/2 plugins/postgresql-database-plugin']),
    );
    expect(found).toMatchObject({ origin: 'built', path: `${await entryOf('vault')}/vault` });
    expect(await resolveServer('vault', folder.options())).toMatchObject({ origin: 'cache' });
    expect(await builds()).toHaveLength(2);
  });

  it('happens once when two ask at the same time', async () => {
    await folder.go();
    const both = await Promise.all([
      resolveServer('vault', folder.options()),
      resolveServer('vault', folder.options()),
    ]);
    expect(both[0].path).toBe(both[1].path);
    expect(await builds()).toHaveLength(2); // server and plugin, once each
    expect(await readdir(folder.at('cache'))).toHaveLength(1);
  });

  it('that is interrupted is ended and leaves no entry, and the next one succeeds', async () => {
    await folder.go('echo half > "$out"; exec /bin/sleep 600');
    const interrupt = new AbortController();
    const interrupted = resolveServer('temporal', { ...folder.options(), signal: interrupt.signal });
    const refusal = expect(interrupted).rejects.toThrow('stopped by the user');
    await waitUntil(async () => (await builds()).length === 1, 10_000);
    interrupt.abort(new Error('stopped by the user'));
    await refusal;
    expect(await readdir(folder.at('cache'))).toEqual([]);
    await folder.go();
    expect(await resolveServer('temporal', folder.options())).toMatchObject({ origin: 'built' });
  });

  it('takes over from one that was killed: stale lock and half a build', async () => {
    const entry = await entryOf('temporal');
    await folder.go();
    await mkdir(`${entry}.unfinished-0a`, { recursive: true });
    await writeFile(`${entry}.unfinished-0a/temporal`, 'half');
    await mkdir(`${entry}.lock`);
    const longAgo = new Date(Date.now() - 120_000);
    await utimes(`${entry}.lock`, longAgo, longAgo);
    expect(await resolveServer('temporal', folder.options())).toMatchObject({ origin: 'built' });
    expect(await readdir(folder.at('cache'))).toHaveLength(1);
  });
});

describe('the key of a cache entry', () => {
  it('names part, version and machine', async () => {
    expect(await entryOf('vault')).toMatch(/vault-1\.21\.2-[0-9a-f]{16}-\w+-\w+$/);
  });

  it.each(['go.mod', 'go.sum'])('changes with %s', async (file) => {
    const before = await entryOf('vault');
    const path = `modules/vault/${file}`;
    await folder.write(path, `${await readFile(folder.at(path), 'utf8')}// changed\n`);
    expect(await entryOf('vault')).not.toBe(before);
  });

  it('changes with the recipe', async () => {
    const pins = await readPins(folder.at('modules', 'vault'), RECIPES.vault);
    const other = await readPins(folder.at('modules', 'vault'), {
      ...RECIPES.vault,
      flags: ['-tags', 'other'],
    });
    expect(other.hash).not.toBe(pins.hash);
  });
});

import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fingerprintBuiltCode, workspaceClosure } from './worker-fingerprint.js';

let root: string;

/** A workspace in which `services/worker` uses `a`, `a` uses `b`, and nobody uses `other`. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ecluse-fingerprint-'));
  await writeFile(join(root, 'package.json'), '{}');
  await mkdir(join(root, 'node_modules/@ecluse'), { recursive: true });
  await addPackage('services/worker', { '@ecluse/a': '0', pg: '8' });
  await addPackage('libs/a', { '@ecluse/b': '0' });
  await addPackage('libs/b', { '@ecluse/a': '0' });
  await addPackage('libs/other', {});
});
afterEach(() => rm(root, { recursive: true }));

async function addPackage(folder: string, dependencies: Record<string, string>): Promise<void> {
  const name = folder.split('/')[1] ?? '';
  await mkdir(join(root, folder, 'dist'), { recursive: true });
  await writeFile(
    join(root, folder, 'package.json'),
    JSON.stringify({ name: `@ecluse/${name}`, dependencies }),
  );
  await writeFile(join(root, folder, 'dist/index.js'), `// ${name}`);
  await symlink(join(root, folder), join(root, 'node_modules/@ecluse', name));
}
const fingerprint = (at = root) => fingerprintBuiltCode(at, 'services/worker');
async function write(file: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), 'changed');
}

describe('fingerprintBuiltCode', () => {
  it('follows workspace dependencies, around cycles too', async () => {
    expect([...(await workspaceClosure(root, 'services/worker'))].sort()).toEqual([
      'libs/a',
      'libs/b',
      'services/worker',
    ]);
  });

  it.each(['services/worker/dist/index.js', 'libs/b/dist/index.js', 'libs/b/dist/new.js'])(
    'changes with %s',
    async (file) => {
      const before = await fingerprint();
      await write(file);
      expect(await fingerprint()).not.toBe(before);
    },
  );

  it.each([
    'libs/other/dist/index.js',
    'libs/a/dist/index.spec.js',
    'libs/a/dist/index.d.ts',
    'libs/a/README.md',
  ])('does not change with %s', async (file) => {
    const before = await fingerprint();
    await write(file);
    expect(await fingerprint()).toBe(before);
  });

  it('is the same in another checkout', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'ecluse-fingerprint-'));
    for (const folder of ['services', 'libs', 'package.json'])
      await cp(join(root, folder), join(elsewhere, folder), { recursive: true });
    await mkdir(join(elsewhere, 'node_modules/@ecluse'), { recursive: true });
    for (const name of ['a', 'b'])
      await symlink(join(elsewhere, 'libs', name), join(elsewhere, 'node_modules/@ecluse', name));
    expect(await fingerprint(elsewhere)).toBe(await fingerprint());
    await rm(elsewhere, { recursive: true });
  });

  it('refuses a package that is not linked', async () => {
    await rm(join(root, 'node_modules/@ecluse/b'));
    await expect(fingerprint()).rejects.toThrow('@ecluse/b is not linked');
  });
});

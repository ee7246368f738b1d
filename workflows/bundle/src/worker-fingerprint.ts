import { createHash } from 'node:crypto';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

interface PackageJson {
  name: string;
  dependencies?: Record<string, string>;
}

/**
 * SHA-256, hex, over the built JavaScript of a package and of all workspace packages it depends on, by path and
 * content. Independent of where the checkout lies.
 */
export async function fingerprintBuiltCode(root: string, packageFolder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of [...(await workspaceClosure(root, packageFolder))].sort()) {
    for (const file of await builtFiles(join(root, folder, 'dist'))) {
      hash.update(relative(root, file).split(sep).join('/')).update('\0');
      hash.update(await readFile(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

/** Folders, relative to the root, of a package and its workspace dependencies. */
export async function workspaceClosure(root: string, packageFolder: string): Promise<Set<string>> {
  const require = createRequire(join(root, 'package.json'));
  const found = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    if (found.has(folder)) return;
    found.add(folder);
    const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as PackageJson;
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      if (!name.startsWith('@ecluse/')) continue;
      await visit(
        relative(root, await folderOf(require, name))
          .split(sep)
          .join('/'),
      );
    }
  };
  await visit(packageFolder);
  return found;
}

/** npm links workspaces into node_modules; the package's folder is where the link leads. */
async function folderOf(require: NodeJS.Require, name: string): Promise<string> {
  for (const base of require.resolve.paths(name) ?? []) {
    const folder = await realpath(join(base, name)).catch(() => undefined);
    if (folder !== undefined) return folder;
  }
  throw new Error(`Workspace package ${name} is not linked; run npm install.`);
}

/** Specs and what only they use, and the bundle, which is hashed by itself. */
const NOT_RUN = /spec\.js$|\.bundle\.js$|[\\/]testing[\\/]/;

async function builtFiles(dist: string): Promise<string[]> {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !NOT_RUN.test(file))
    .sort();
}

/** Root of the workspace, seen from a file of this package. */
export function workspaceRoot(from: string): string {
  return join(dirname(from), '../../..');
}

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Sabotage } from './sabotage.js';

/** Folders of the checkout that hold packages of the product. */
const ROOMS = ['libs', 'libs/connectors', 'activities', 'workflows', 'services'];

const NOT_RUN = new Set(['src', 'specs', 'node_modules', 'histories']);

/**
 * A copy of what was built, with one change. Third-party packages are links; the product's own packages point into
 * the copy. Throws Error when the text to change is not there.
 */
export function breakCopy(checkout: string, copy: string, sabotage: Sabotage): void {
  for (const folder of packages(checkout)) copyPackage(checkout, copy, folder);
  linkModules(join(checkout, 'node_modules'), join(copy, 'node_modules'), copy, packages(checkout));
  const file = join(copy, sabotage.file);
  const before = readFileSync(file, 'utf8');
  const after = before.replace(sabotage.replace, sabotage.by);
  if (after === before) throw new Error(`${sabotage.name}: ${sabotage.file} does not hold what it changes`);
  writeFileSync(file, after);
}

function packages(checkout: string): string[] {
  return ROOMS.flatMap((room) =>
    readdirSync(join(checkout, room))
      .map((name) => join(room, name))
      .filter((folder) => existsSync(join(checkout, folder, 'package.json'))),
  );
}

/** Everything that runs: not the sources, and not the third-party packages. */
function copyPackage(checkout: string, copy: string, folder: string): void {
  const from = join(checkout, folder);
  const filter = (path: string): boolean => !NOT_RUN.has(relative(from, path));
  cpSync(from, join(copy, folder), { recursive: true, filter });
  const modules = join(checkout, folder, 'node_modules');
  if (existsSync(modules)) symlinkSync(modules, join(copy, folder, 'node_modules'));
}

function linkModules(from: string, to: string, copy: string, folders: readonly string[]): void {
  mkdirSync(join(to, '@ecluse'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '@ecluse') symlinkSync(join(from, name), join(to, name));
  }
  for (const folder of folders) {
    const { name } = JSON.parse(readFileSync(join(copy, folder, 'package.json'), 'utf8')) as { name: string };
    const link = join(to, name);
    symlinkSync(relative(dirname(link), join(copy, folder)), link);
  }
}

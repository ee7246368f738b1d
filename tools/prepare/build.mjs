import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bin, node24, root, run } from './run.mjs';
import { step } from './progress.mjs';

const STAMP = join(root, 'node_modules', '.cache', 'ecluse', 'build.sha256');
const ROOT_FILES = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json'];

/** Folders of everything that `tsc -b` builds, relative to the checkout. */
function projects() {
  return JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).references.map(({ path }) => path);
}

/** Files that a build may read, below a folder; what a build writes is left out. */
function sources(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ['dist', 'node_modules'].includes(entry.name) ? [] : sources(path);
    return entry.isFile() && !entry.name.endsWith('.md') ? [path] : [];
  });
}

/** SHA-256 over path and content of everything that the build reads: contents, so that a checkout or a copy is no change. */
function sourceHash(folders) {
  const hash = createHash('sha256');
  const add = (file) =>
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  ROOT_FILES.forEach(add);
  folders.flatMap(sources).sort().forEach(add);
  return hash.digest('hex');
}

function isBuilt(folders, hash) {
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== hash) return false;
  const outputs = folders.map((folder) => join(root, folder, 'dist', 'tsconfig.tsbuildinfo'));
  return [...outputs, join(root, 'workflows/bundle/dist/flow-run.bundle.js')].every((file) =>
    existsSync(file),
  );
}

async function build(title, command, args) {
  const { code, output } = await step(title, (onLine) => run(command, args, { onLine }));
  if (code !== 0) throw new Error(`${title} failed:\n${output.trimEnd()}`);
}

/** Compiles all packages and bundles the workflows, unless that was done for these very sources. Throws what the compiler said. */
export async function buildWhenStale() {
  const folders = projects();
  const hash = sourceHash(folders);
  if (isBuilt(folders, hash)) return;
  await build('compiling (tsc -b)', node24, [bin('tsc'), '-b']);
  await build('bundling the workflows', node24, [join(root, 'workflows/bundle/dist/build.js')]);
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, hash);
}

import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { node24, root, run } from './run.mjs';
import { step } from './progress.mjs';

const RECORD = join(root, 'node_modules', '.package-lock.json');

/**
 * Compares the lock file with npm's own record of what is installed (written last, so an interrupted install has
 * none). Optional packages of other platforms may be missing.
 */
export function isInstalled(lock, record) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/')) return true; // the workspaces themselves
    const found = record.packages[path];
    if (found === undefined) return wanted.optional === true;
    return (
      found.version === wanted.version && found.integrity === wanted.integrity && found.link === wanted.link
    );
  });
}

function isFresh() {
  if (!existsSync(RECORD) || !existsSync(node24)) return false;
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
  return isInstalled(read(join(root, 'package-lock.json')), read(RECORD));
}

/**
 * The environment without the paths and variables that an outer `npm start` added: they lead to the Node below
 * `node_modules`, which `npm ci` deletes while it runs. Settings of the user (`npm_config_…`) stay.
 */
function outsideOfCheckout(env) {
  const kept = Object.entries(env).filter(([name]) => !/^npm_(?!config_)/.test(name) && name !== 'INIT_CWD');
  const paths = (env.PATH ?? '')
    .split(delimiter)
    .filter((path) => !path.endsWith(join('node_modules', '.bin')));
  return { ...Object.fromEntries(kept), PATH: paths.join(delimiter) };
}

/** Installs exactly the lock file when something is missing or stale. Throws with npm's words when that fails. */
export async function installDependencies() {
  if (isFresh()) return;
  const { code, output } = await step('installing dependencies (npm ci)', (onLine) =>
    run('npm', ['ci', '--no-audit', '--no-fund'], { onLine, env: outsideOfCheckout(process.env) }),
  );
  if (code === 0 && isFresh()) return;
  const tail = output.trimEnd().split('\n').slice(-20).join('\n');
  throw new Error(
    code === 0
      ? 'npm ci succeeded, but packages are missing.\nremedy: remove node_modules and run again'
      : `npm ci failed (exit code ${code}):\n${tail}\nremedy: check the network and the npm registry, then run again`,
  );
}

import { existsSync } from 'node:fs';
import { step } from './progress.mjs';
import { run } from './run.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];

function hasBrowser() {
  return [process.env.CHROMIUM_BIN, ...PLACES].some((path) => path !== undefined && existsSync(path));
}

async function apt(title, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { code, output } = await step(title, (onLine) => run('apt-get', args, { env, onLine }));
  if (code !== 0) throw new Error(output.trimEnd().split('\n').slice(-10).join('\n'));
}

/**
 * The end-to-end tests look at the operator UI with a real Chromium. Installs it where that asks nobody for a password
 * (root on a Debian system, as in CI); throws how to install it elsewhere.
 */
export async function ensureBrowser() {
  if (hasBrowser()) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      'no Chromium found\nremedy: install it (Debian, Ubuntu: sudo apt-get install chromium), or set CHROMIUM_BIN to the path of one',
    );
  }
  await apt('reading the package lists (for Chromium)', ['update']);
  await apt('installing Chromium', ['install', '-y', '--no-install-recommends', 'chromium']);
  if (!hasBrowser()) throw new Error('the package chromium brought no /usr/bin/chromium');
}

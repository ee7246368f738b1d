import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFlowRun } from './bundle-flow-run.js';
import { BUILD_ID_PATH, BUNDLE_PATH, type BuildId } from './built-bundle.js';
import { fingerprintBuiltCode, workspaceRoot } from './worker-fingerprint.js';

/** Run after `tsc -b`: writes the bundle and its build id. The same code gives the same id, whenever it is built. */
async function build(): Promise<BuildId> {
  const root = workspaceRoot(fileURLToPath(import.meta.url));
  const { code } = await bundleFlowRun();
  const bundleSha256 = createHash('sha256').update(code).digest('hex');
  const buildId = createHash('sha256')
    .update(code)
    .update(await fingerprintBuiltCode(root, 'services/worker'))
    .update(await readFile(join(root, 'package-lock.json')))
    .digest('hex')
    .slice(0, 32);
  await writeFile(BUNDLE_PATH, code);
  await writeFile(BUILD_ID_PATH, `${JSON.stringify({ buildId, bundleSha256 })}\n`);
  return { buildId, bundleSha256 };
}

const { buildId } = await build();
process.stdout.write(`workflow bundle ${BUNDLE_PATH}, build id ${buildId}\n`);

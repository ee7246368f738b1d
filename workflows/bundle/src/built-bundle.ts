import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The built workflow bundle, made by `npm run build`. */
export const BUNDLE_PATH = fileURLToPath(new URL('../dist/flow-run.bundle.js', import.meta.url));
/** What was built, beside the bundle. */
export const BUILD_ID_PATH = fileURLToPath(new URL('../dist/build-id.json', import.meta.url));

/** Identity of a worker build. Two workers with the same id run the same code, so runs may move between them. */
export interface BuildId {
  /** Temporal build id: hash over the bundle, the worker's built code with all packages it uses, and the lock file. */
  buildId: string;
  /** SHA-256 of the bundle, hex. */
  bundleSha256: string;
}

/** Throws when nothing was built. */
export async function readBuildId(): Promise<BuildId> {
  return JSON.parse(await readFile(BUILD_ID_PATH, 'utf8')) as BuildId;
}

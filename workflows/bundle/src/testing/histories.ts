import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';

type History = Awaited<ReturnType<typeof historyFromJSON>>;

/** Recorded runs, one per behaviour or bug. */
export const HISTORIES = fileURLToPath(new URL('../../../flow-run/histories/', import.meta.url));

/** Stack traces name files; where the checkout lies is nobody's business. */
const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));

/** Written only on request: a history is evidence of what a released build did, not a snapshot to refresh. */
export async function saveHistory(name: string, history: History): Promise<void> {
  await writeFile(join(HISTORIES, `${name}.json`), `${historyToJSON(history).replaceAll(CHECKOUT, '')}\n`);
}

export async function loadHistories(): Promise<{ name: string; history: History }[]> {
  const files = (await readdir(HISTORIES)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => ({
      name: file.replace(/\.json$/, ''),
      history: historyFromJSON(JSON.parse(await readFile(join(HISTORIES, file), 'utf8'))),
    })),
  );
}

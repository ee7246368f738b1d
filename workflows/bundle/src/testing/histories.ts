import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';

type History = Awaited<ReturnType<typeof historyFromJSON>>;

/** Packages of workflows; each keeps its own recorded histories. */
export type WorkflowPackage = 'flow-run' | 'flow-batch' | 'flow-lane';

/** Folder of the recorded runs, one per behaviour or bug. */
function historiesOf(of: WorkflowPackage): string {
  return fileURLToPath(new URL(`../../../${of}/histories/`, import.meta.url));
}

/** Stack traces name files; where the checkout lies is nobody's business. */
const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));

/** Written only on request: a history is evidence of what a released build did, not a snapshot to refresh. */
export async function saveHistory(
  name: string,
  history: History,
  of: WorkflowPackage = 'flow-run',
): Promise<void> {
  await writeFile(
    join(historiesOf(of), `${name}.json`),
    `${historyToJSON(history).replaceAll(CHECKOUT, '')}\n`,
  );
}

export async function loadHistories(
  of: WorkflowPackage = 'flow-run',
): Promise<{ name: string; history: History }[]> {
  const folder = historiesOf(of);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => ({
      name: file.replace(/\.json$/, ''),
      history: historyFromJSON(JSON.parse(await readFile(join(folder, file), 'utf8'))),
    })),
  );
}

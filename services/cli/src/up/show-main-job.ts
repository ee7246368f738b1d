import {
  apiKeyFile,
  checkMainJob,
  checkStack,
  readSecretFile,
  stackHome,
  type CheckedFact,
  type LocalStack,
  type StackHome,
  type StackProgress,
  type StackStatus,
} from '@ecluse/local-stack';
import { AdminClient } from '../admin/admin-client.js';
import { paint, print } from '../terminal/terminal.js';
import { applyExample } from './example.js';
import { runMainJob } from './run-main-job.js';
import { storyLines, whereLines } from './story.js';

/** Steps that `showMainJob` reports. */
export const MAIN_JOB_STEPS = 2;

export interface ShowMainJobOptions {
  readonly stack: LocalStack;
  readonly status: StackStatus;
  readonly progress: StackProgress;
  /** Verify every fact too, and say so. */
  readonly check: boolean;
}

/** Applies the example, runs the main job once and tells the story. False when `check` found a fact that does not hold. */
export async function showMainJob({ stack, status, progress, check }: ShowMainJobOptions): Promise<boolean> {
  const home = stackHome(status.home);
  const apiKey = (await readSecretFile(apiKeyFile(home, 'admin'))) ?? '';
  const client = new AdminClient({ url: status.endpoints.adminApi, apiKey });
  const example = await progress.step('the example deal-won-to-order', () =>
    applyExample(client, home, status),
  );
  const facts = await progress.step('one signed delivery', (doing) =>
    runMainJob({ client, home, example, doing, signal: stack.signal }),
  );
  const story = storyLines(facts);
  for (const line of ['', ...story, '']) print(line);
  if (!check) {
    for (const line of [...whereLines(status, facts), '', 'Ctrl-C stops everything that was started.'])
      print(line);
    return true;
  }
  const checked = [...checkMainJob(facts), ...(await checkParts(home, stack.status))];
  for (const { fact, holds, seen } of checked) {
    print(holds ? `${paint('green', '✔')} ${fact}` : `${paint('red', '✘')} ${fact} (seen: ${seen})`);
  }
  const proven = checked.every(({ holds }) => holds);
  print(proven ? 'The main job works.' : `The main job does not work. Logs: ${status.home}/logs`);
  return proven;
}

async function checkParts(home: StackHome, status: StackStatus): Promise<CheckedFact[]> {
  const parts = await checkStack(home, status);
  const pages = [status.endpoints.apiDocs, status.endpoints.openApi, status.endpoints.temporalUi];
  const answers = await Promise.all(
    pages.map(async (url) => {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
      return {
        fact: `${url} answers`,
        holds: response?.ok === true,
        seen: String(response?.status ?? 'no answer'),
      };
    }),
  );
  return [
    ...parts.map(({ name, healthy, detail }) => ({
      fact: `${name} is healthy`,
      holds: healthy,
      seen: detail,
    })),
    ...answers,
  ];
}

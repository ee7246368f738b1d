import { createInterface } from 'node:readline/promises';
import { EcluseError } from '@ecluse/errors';

/** Asks on the terminal; only `y` or `yes` is a yes. Throws `USAGE` where nobody can answer. */
export async function confirmReset(home: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new EcluseError('USAGE', { detail: '--reset asks first; add --yes where nobody can answer' });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`Delete all data, logs and secrets in ${home}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

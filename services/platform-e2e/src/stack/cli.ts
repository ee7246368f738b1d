import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readStatus } from './status.js';

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export const checkout: string = fileURLToPath(new URL('../../../../', import.meta.url));

/** Runs `ecluse` as a user would in the checkout, on the stack under test. `input` goes to its standard input. */
export function ecluse(args: string[], input = ''): Promise<CliResult> {
  const child = spawn(process.execPath, ['services/cli/bin/ecluse.mjs', ...args], {
    cwd: checkout,
    env: { ...process.env, NODE_OPTIONS: '', ECLUSE_HOME: readStatus().home },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

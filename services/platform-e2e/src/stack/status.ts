import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the tests read of `status.json`, as any script would. */
export interface Status {
  version: string;
  home: string;
  supervisorPid: number;
  state: string;
  endpoints: Record<
    | 'door'
    | 'adminApi'
    | 'apiDocs'
    | 'openApi'
    | 'operatorUi'
    | 'temporal'
    | 'temporalUi'
    | 'vault'
    | 'postgres'
    | 'ingressMetrics'
    | 'workerMetrics'
    | 'adminMetrics',
    string
  >;
  parts: { name: string; state: string; pid: number; endpoint: string; log: string; restarts: number }[];
}

/** The stack that the e2e set-up started. */
export function readStatus(): Status {
  const file = process.env['ECLUSE_E2E_STATUS'];
  if (file === undefined) throw new Error('ECLUSE_E2E_STATUS is set by the e2e set-up');
  return JSON.parse(readFileSync(file, 'utf8')) as Status;
}

/** A file below the data folder's `secrets`, trimmed. */
export function readSecret(name: string): string {
  return readFileSync(join(readStatus().home, 'secrets', name), 'utf8').trim();
}

/** The running process of a part; restarts change it. */
export function pidOf(part: string): number {
  const found = readStatus().parts.find(({ name }) => name === part);
  if (found === undefined) throw new Error(`no part ${part}`);
  return found.pid;
}

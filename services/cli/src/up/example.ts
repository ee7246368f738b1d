import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { FlowView, SourceView } from '@ecluse/contracts';
import {
  checkoutRoot,
  readSecretFile,
  writeSecretFile,
  type StackHome,
  type StackStatus,
} from '@ecluse/local-stack';
import type { AdminClient } from '../admin/admin-client.js';
import { applyDocuments } from '../apply/apply-documents.js';
import { localVariables } from '../apply/local-variables.js';
import { readDocuments } from '../apply/read-documents.js';

/** The example that `npm start` applies and runs once. */
export const EXAMPLE = {
  folder: join(checkoutRoot, 'examples', 'deal-won-to-order'),
  source: 'crm-deals',
  flow: 'deal-won-to-order',
} as const;

/** The applied example: where to send, and with which secret. */
export interface AppliedExample {
  readonly source: SourceView;
  readonly secret: string;
}

/** Applies the example's documents, gives its source a secret, and releases its flow when no version is released. */
export async function applyExample(
  client: AdminClient,
  home: StackHome,
  status: StackStatus,
): Promise<AppliedExample> {
  await applyDocuments(client, await readDocuments(EXAMPLE.folder), localVariables(status));
  const secret = await ensureSecret(client, home);
  await releaseFirstVersion(client);
  return { source: (await client.get<SourceView>(`/v1/sources/${EXAMPLE.source}`)).body, secret };
}

/** The secret is kept under `secrets/`, since the admin API gives none back. Lost files get a second secret. */
async function ensureSecret(client: AdminClient, home: StackHome): Promise<string> {
  const file = join(home.secrets, `webhook-${EXAMPLE.source}`);
  const path = `/v1/sources/${EXAMPLE.source}`;
  const [kept, source] = await Promise.all([readSecretFile(file), client.get<SourceView>(path)]);
  if (kept !== undefined && kept !== '' && source.body.secretIds.length > 0) return kept;
  const value = `whsec_${randomBytes(32).toString('base64')}`;
  const secretId = `local-${Date.now().toString(36)}`;
  await client.post(`${path}/secrets`, { body: { secretId, value } });
  await writeSecretFile(file, `${value}\n`);
  return value;
}

/** Whoever released or rolled back by hand keeps that choice. */
async function releaseFirstVersion(client: AdminClient): Promise<void> {
  const path = `/v1/flows/${EXAMPLE.flow}`;
  const { body: flow } = await client.get<FlowView>(path);
  if (flow.releasedVersion !== null) return;
  const release = { version: flow.latestVersion, reason: 'first start of the local stack' };
  await client.post(`${path}/releases`, { body: release });
}

import type { ApplyRequest, ApplyResult } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { AdminClient } from '../admin/admin-client.js';
import type { DocumentFile, DocumentKind } from './read-documents.js';
import { resolveVariables, type Variables } from './resolve-variables.js';

const COLLECTION: Readonly<Record<DocumentKind, string>> = {
  Source: 'sources',
  Connection: 'connections',
  Flow: 'flows',
};

/** Path of a document in the admin API. */
export function documentPath({ kind, name }: Pick<DocumentFile, 'kind' | 'name'>): string {
  return `/v1/${COLLECTION[kind]}/${encodeURIComponent(name)}`;
}

/**
 * Sends documents in order: sources, connections, flows. Repeatable: what is stored already answers `unchanged`.
 * A change made by someone else in between is refused (412) and not overwritten. With `dryRun` nothing is written.
 * Throws `DOCUMENT_INVALID` for unknown variables before anything is sent, and every refusal of the admin API.
 */
export async function applyDocuments(
  client: AdminClient,
  documents: readonly DocumentFile[],
  variables: Variables,
  dryRun = false,
): Promise<ApplyResult[]> {
  const resolved = resolveAll(documents, variables);
  const results: ApplyResult[] = [];
  for (const document of resolved) results.push(await applyDocument(client, document, dryRun));
  return results;
}

/** Documents with every variable replaced. Throws `DOCUMENT_INVALID` with the place of each unknown one. */
export function resolveAll(documents: readonly DocumentFile[], variables: Variables): DocumentFile[] {
  const resolutions = documents.map((document) => ({
    document,
    resolution: resolveVariables(document.file, document.text, variables),
  }));
  const errors = resolutions.flatMap(({ resolution }) => ('errors' in resolution ? resolution.errors : []));
  if (errors.length > 0) throw new EcluseError('DOCUMENT_INVALID', { errors });
  return resolutions.map(({ document, resolution }) =>
    'text' in resolution ? { ...document, text: resolution.text } : document,
  );
}

/** Sends one document. */
export async function applyDocument(
  client: AdminClient,
  document: DocumentFile,
  dryRun: boolean,
): Promise<ApplyResult> {
  const path = documentPath(document);
  const current = await client.find(path);
  const request: ApplyRequest = {
    file: document.file,
    document: document.text,
    ...(dryRun ? { dryRun } : {}),
  };
  const { body } = await client.put<ApplyResult>(path, { body: request, ifMatch: current?.etag });
  return body;
}

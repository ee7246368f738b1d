import { isEcluseError, type EcluseError } from '@ecluse/errors';
import { checkFlow, type Catalogue, type CatalogueOperation } from '../check-flow.js';
import type { DocumentKind } from '../parse-document.js';
import { readDocument } from '../read-document.js';

export const FLOW = `apiVersion: ecluse/v1
kind: Flow
metadata:
  name: deal-won-to-order
  tenant: acme
spec:
  on:
    source: crm-deals
    when: "type = 'deal.won'"
  steps:
    - id: customer
      call:
        connection: erp
        operation: party.upsert
        with: |
          {
            'externalId': deal.company.id,
            'name': deal.company.name
          }
    - id: large
      choose:
        - when: deal.amount > 1000
          steps:
            - id: order-line
              map: >
                $steps.customer.id
                & '-1'
    - id: order
      call:
        connection: erp
        operation: salesOrder.upsert
        with: "{ 'partyId': $steps.customer.id }"
      retry: { attempts: 5, first: 1s }
  onFailure: { deadLetter: true }
`;

export const SOURCE = `apiVersion: ecluse/v1
kind: Source
metadata: { name: crm-deals, tenant: acme }
spec:
  auth:
    - provider: standard-webhooks
    - kind: mac
      algorithm: sha256
      secret: { encoding: utf8 }
      signature: { header: x-signature, encoding: hex, parse: { type: prefix, prefix: v0= } }
      content: [body]
  dedupe:
    key:
      - header: webhook-id
  limits:
    maxBody: 65536
    contentTypes: [application/json]
`;

export const CONNECTION = `apiVersion: ecluse/v1
kind: Connection
metadata: { name: erp, tenant: acme }
spec:
  connector: sql
  config: { engine: postgresql, host: 127.0.0.1, database: erp }
  credentials:
    vault: { engine: database, mount: database, role: acme-erp }
  operations:
    party.upsert:
      effect: upsert
      idempotency: { kind: external_id, field: externalId }
      input: { type: object }
      statements:
        - sql: SELECT 1
`;

/** A good document of each kind. */
export const DOCUMENTS: Readonly<Record<DocumentKind, string>> = {
  Flow: FLOW,
  Source: SOURCE,
  Connection: CONNECTION,
};
const NAMES: Readonly<Record<DocumentKind, string>> = {
  Flow: 'deal-won-to-order',
  Source: 'crm-deals',
  Connection: 'erp',
};

const OPERATIONS: readonly CatalogueOperation[] = [
  { name: 'party.upsert', effect: 'upsert', hasIdempotency: true },
  { name: 'party.find', effect: 'read', hasIdempotency: false },
  { name: 'party.create', effect: 'create', hasIdempotency: false },
  { name: 'salesOrder.upsert', effect: 'upsert', hasIdempotency: true },
];
/** What exists: source `crm-deals`, connection `erp`. */
export const CATALOGUE: Catalogue = {
  hasSource: (name) => Promise.resolve(name === 'crm-deals'),
  operationsOf: (name) => Promise.resolve(name === 'erp' ? OPERATIONS : undefined),
  names: (kind) => Promise.resolve(kind === 'source' ? ['crm-deals'] : ['erp']),
};

/** What the admin API does with a document, apart from what connectors and authentication schemes say. */
export async function publish(kind: DocumentKind, text: string): Promise<void> {
  const file = `${kind.toLowerCase()}.yaml`;
  const document = readDocument(kind, { file, text }, { tenant: 'acme', name: NAMES[kind] });
  if (kind === 'Flow') await checkFlow(document, CATALOGUE);
}

/** The error that `run` ends with; fails when it does not. */
export async function refusalOf(run: () => unknown): Promise<EcluseError> {
  try {
    await run();
  } catch (error) {
    if (isEcluseError(error)) return error;
    throw error;
  }
  throw new Error('was not refused');
}

/** Each error as one line, as a person would see it. */
export function lines(error: EcluseError): string[] {
  return error.errors.map(
    ({ file, line, column, code, message, expected, remedy }) =>
      `${String(file)}:${String(line)}:${String(column)} ${String(code)} ${message} | ${String(expected)} | ${String(remedy)}`,
  );
}

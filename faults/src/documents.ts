import type { JsonObject } from '@ecluse/contracts';

/** Kinds of messages, each with a flow of its own. */
export type MessageKind = 'pair' | 'ordered' | 'keyless' | 'poison';

/** Source, connections and flows of the fault suite, in the order in which they are applied. YAML takes JSON. */
export interface FaultDocuments {
  readonly sources: readonly JsonObject[];
  readonly connections: readonly JsonObject[];
  readonly flows: readonly JsonObject[];
  /** `order`; refused by a build that does not know it. */
  readonly orderedFlow: JsonObject;
}

/** A source per kind, since every flow of a source gets a run for each of its deliveries. */
export function sourceOf(kind: MessageKind): string {
  return `faults-${kind}`;
}
export const MESSAGE_KINDS = [
  'pair',
  'ordered',
  'keyless',
  'poison',
] as const satisfies readonly MessageKind[];

/** Short pauses: a case waits for the end of what it broke. */
const RETRY: JsonObject = { attempts: 60, first: '500ms', factor: 2, max: '5s' };

/** @param remotePort where the remotes' database is reached, through a proxy where a case says so. */
export function faultDocuments(remotePort: number): FaultDocuments {
  return {
    sources: MESSAGE_KINDS.map((kind) =>
      document('Source', sourceOf(kind), {
        auth: [{ provider: 'standard-webhooks' }],
        dedupe: { key: [{ header: 'webhook-id' }] },
        limits: { maxBody: 1_048_576, contentTypes: ['application/json'] },
      }),
    ),
    connections: remoteConnections(remotePort),
    flows: [
      flow('fault-pair', 'pair', [
        call('crm', 'crm.upsert'),
        call('erp', 'erp.upsert', "'crmPosition': $steps.crm.position"),
      ]),
      flow('fault-keyless', 'keyless', [call('notes', 'notes.append')]),
      // One kind of poison per value of `poison`: none of them may hurt anybody else.
      flow('fault-poison', 'poison', [
        {
          id: 'mapped',
          map: `(
            $forever := function($n) { $forever($n + 1) };
            poison = 'loop' ? $forever(0)
              : poison = 'crash' ? $error('poison')
              : poison = 'regex' ? $match(bomb, /(a+)+$/)
              : poison
          )`,
        },
        call('crm', 'crm.upsert'),
      ]),
    ],
    orderedFlow: flow('fault-ordered', 'ordered', [call('crm', 'crm.upsert'), call('erp', 'erp.upsert')], {
      order: { by: 'key', sequence: 'seq', onFailure: 'park' },
    }),
  };
}

function remoteConnections(port: number): JsonObject[] {
  const keyed: JsonObject = { kind: 'external_id', field: 'externalId' };
  return [
    connection('fault-crm', port, { 'crm.upsert': operation('crm', 'upsert', keyed) }),
    connection('fault-erp', port, { 'erp.upsert': operation('erp', 'upsert', keyed) }),
    connection('fault-notes', port, {
      'notes.append': operation('notes', 'create', { kind: 'none', onAmbiguous: 'park' }),
    }),
  ];
}

function operation(remote: string, effect: string, idempotency: JsonObject): JsonObject {
  return {
    effect,
    idempotency,
    input: {
      type: 'object',
      required: ['externalId', 'orderKey', 'seq'],
      properties: {
        externalId: { type: 'string', maxLength: 80 },
        orderKey: { type: 'string', maxLength: 80 },
        seq: { type: 'integer' },
      },
    },
    statements: [
      {
        name: 'written',
        sql: `SELECT remote_write('${remote}', :call.key, :externalId, :orderKey, :seq::bigint)::text AS position`,
      },
    ],
  };
}

function connection(name: string, port: number, operations: JsonObject): JsonObject {
  return document('Connection', name, {
    connector: 'sql',
    config: {
      engine: 'postgresql',
      host: '127.0.0.1',
      port,
      database: 'remotes',
      tls: { mode: 'disable' },
      statementTimeout: '5s',
      maxConnections: 16,
    },
    credentials: { vault: { engine: 'database', mount: 'database', role: 'acme-erp' } },
    operations,
  });
}

function call(remote: string, name: string, more?: string): JsonObject {
  const fields = ["'externalId': id", "'orderKey': key", "'seq': seq", ...(more === undefined ? [] : [more])];
  return {
    id: remote,
    call: { connection: `fault-${remote}`, operation: name, with: `{ ${fields.join(', ')} }` },
    retry: RETRY,
  };
}

function flow(name: string, type: MessageKind, steps: JsonObject[], more: JsonObject = {}): JsonObject {
  const on = { source: sourceOf(type), when: `type = '${type}'` };
  return document('Flow', name, { on, ...more, steps, onFailure: { deadLetter: true } });
}

function document(kind: string, name: string, spec: JsonObject): JsonObject {
  return { apiVersion: 'ecluse/v1', kind, metadata: { name, tenant: 'acme' }, spec };
}

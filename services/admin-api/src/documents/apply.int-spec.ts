import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ErrorDetail } from '@ecluse/errors';
import type { ApiAnswer } from '../testing/test-api.js';
import { startTenantClient, type TenantClient } from '../testing/tenant-client.js';

const EXAMPLE = new URL('../../../../examples/deal-won-to-order/', import.meta.url);
const KINDS = { sources: 'source.yaml', connections: 'connection.yaml', flows: 'flow.yaml' } as const;
type Collection = keyof typeof KINDS;
const NAMES: Record<Collection, string> = {
  sources: 'crm-deals',
  connections: 'erp',
  flows: 'deal-won-to-order',
};
/** The line of the document that holds `text`, 1-based. */
const lineOf = (document: string, text: string): number =>
  document.split('\n').findIndex((line) => line.includes(text)) + 1;

/** Real: PostgreSQL, Vault and the whole service, with the documents of the example. */
describe('applying documents', () => {
  let client: TenantClient;
  beforeAll(async () => {
    client = await startTenantClient();
    // The fixture's own connection of this name is made anew by the first case.
    await client.api.owner.query('DELETE FROM connections WHERE tenant = $1', [client.tenant]);
  });
  afterAll(async () => {
    await client.api.close();
  });

  function example(collection: Collection): string {
    return readFileSync(new URL(KINDS[collection], EXAMPLE), 'utf8')
      .replaceAll('tenant: acme', `tenant: ${client.tenant}`)
      .replace('role: acme-erp', `role: ${client.tenant}-erp`)
      .replace('${local.erp.host}', '127.0.0.1')
      .replace('${local.erp.port}', '5432');
  }
  interface Options {
    name?: string;
    ifMatch?: string | undefined;
    dryRun?: boolean;
  }
  function apply(collection: Collection, document: string, options: Options = {}): Promise<ApiAnswer> {
    const { name = NAMES[collection], ifMatch, dryRun } = options;
    const body = { file: KINDS[collection], document, ...(dryRun === undefined ? {} : { dryRun }) };
    return client.put(
      `/v1/${collection}/${name}`,
      body,
      ifMatch === undefined ? {} : { 'if-match': ifMatch },
    );
  }

  it('refuses a flow whose source and connection do not exist, naming both lines', async () => {
    const document = example('flows');
    const answer = await apply('flows', document);
    expect([answer.status, answer.body['code']]).toEqual([422, 'ECL-5004']);
    const errors = answer.body['errors'] as ErrorDetail[];
    expect(errors[0]).toMatchObject({
      file: 'flow.yaml',
      line: lineOf(document, 'source: crm-deals'),
      pointer: '/spec/on/source',
    });
    expect(errors.map(({ pointer }) => pointer)).toContain('/spec/steps/0/call/connection');
    expect((await client.get('/v1/flows/deal-won-to-order')).status).toBe(404);
  });

  it('creates source, connection and flow; again they are unchanged', async () => {
    for (const collection of ['sources', 'connections', 'flows'] as const) {
      const dry = await apply(collection, example(collection), { dryRun: true });
      expect([collection, dry.status, dry.body['change']]).toEqual([collection, 200, 'created']);
      expect((await client.get(`/v1/${collection}/${NAMES[collection]}`)).status).toBe(404);
      const created = await apply(collection, example(collection));
      expect([collection, created.status, created.body]).toEqual([
        collection,
        200,
        expect.objectContaining({ change: 'created', version: 1 }),
      ]);
      const again = await apply(collection, example(collection), {
        ifMatch: String(created.headers['etag']),
      });
      expect([collection, again.body['change']]).toEqual([collection, 'unchanged']);
    }
  });

  it('keeps the door URL of a source over its changes', async () => {
    const before = await client.get('/v1/sources/crm-deals');
    const changed = example('sources').replace('maxBody: 65536', 'maxBody: 1000');
    const ifMatch = String(before.headers['etag']);
    expect((await apply('sources', changed, { dryRun: true })).body['change']).toBe('changed');
    expect((await apply('sources', changed, { ifMatch })).body).toMatchObject({
      change: 'changed',
      version: 2,
    });
    expect((await client.get('/v1/sources/crm-deals')).body['url']).toBe(before.body['url']);
  });

  it.each(['sources', 'connections', 'flows'] as const)(
    'asks for If-Match to change %s: 428, 412',
    async (collection) => {
      const missing = await apply(collection, example(collection));
      expect([missing.status, missing.body['code']]).toEqual([428, 'ECL-6008']);
      const stale = await apply(collection, example(collection), { ifMatch: '"99"' });
      expect([stale.status, stale.body['code']]).toEqual([412, 'ECL-6009']);
    },
  );

  it.each<[string, string, Collection, (text: string) => string, string]>([
    ['ECL-5002', 'broken YAML', 'flows', (text) => text.replace('steps:', 'steps: ['), ''],
    ['ECL-5001', 'another kind', 'flows', (text) => text.replace('kind: Flow', 'kind: Source'), '/kind'],
    [
      'ECL-5001',
      'another name',
      'sources',
      (text) => text.replace('name: crm-deals', 'name: other'),
      '/metadata/name',
    ],
    [
      'ECL-5006',
      'another tenant',
      'sources',
      (text) => text.replace(/tenant: .*/, 'tenant: globex'),
      '/metadata/tenant',
    ],
    [
      'ECL-5001',
      'an unknown provider',
      'sources',
      (text) => text.replace('standard-webhooks', 'nobody'),
      '/spec/auth/0/provider',
    ],
    [
      'ECL-5001',
      'an unknown field',
      'sources',
      (text) => text.replace('maxBody', 'maxBdy'),
      '/spec/limits/maxBdy',
    ],
    [
      'ECL-5001',
      'an unknown connector',
      'connections',
      (text) => text.replace('connector: sql', 'connector: odoo'),
      '/spec/connector',
    ],
    [
      'ECL-5001',
      'a role of another tenant',
      'connections',
      (text) => text.replace(/role: .*-erp/, 'role: globex-erp'),
      '/spec/credentials/vault/role',
    ],
    [
      'ECL-5001',
      'an undeclared SQL parameter',
      'connections',
      (text) => text.replace(':email)', ':mail)'),
      '/spec/operations/party.upsert/statements/0/sql',
    ],
    [
      'ECL-5001',
      'TLS off for a remote host',
      'connections',
      (text) => text.replace('127.0.0.1', 'db.example.org'),
      '/spec/config/tls/mode',
    ],
    [
      'ECL-5003',
      'a broken expression',
      'flows',
      (text) => text.replace("type = 'deal.won'", "type = 'deal.won"),
      '/spec/on/when',
    ],
    [
      'ECL-5004',
      'an unknown operation',
      'flows',
      (text) => text.replace('party.upsert', 'party.upsrt'),
      '/spec/steps/0/call/operation',
    ],
    [
      'ECL-5004',
      'a step that has not run yet',
      'flows',
      (text) => text.replace('$steps.customer.id', '$steps.later.id'),
      '/spec/steps/1/call/with',
    ],
  ])('refuses with %s: %s', async (code, _name, collection, damage, pointer) => {
    const { headers } = await client.get(`/v1/${collection}/${NAMES[collection]}`);
    const document = damage(example(collection));
    expect(document).not.toBe(example(collection));
    const answer = await apply(collection, document, { ifMatch: String(headers['etag']) });
    expect(answer.body['code']).toBe(code);
    const [error] = answer.body['errors'] as ErrorDetail[];
    expect(error).toMatchObject({
      file: KINDS[collection],
      line: expect.any(Number),
      message: expect.any(String),
    });
    if (pointer !== '') expect(error?.pointer).toBe(pointer);
    expect((await client.get(`/v1/${collection}/${NAMES[collection]}`)).headers['etag']).toBe(
      headers['etag'],
    );
  });

  it('refuses a write that says nothing about repeated calls', async () => {
    const silent = example('connections').replace(
      'idempotency: { kind: external_id, field: externalId }',
      '',
    );
    // Nor may such a write be short or a bulk, which promise that it may be repeated.
    const unsafe = silent.replace(/ +short: true.*\n/, '').replace(/ {6}bulk:[^]*?(?=\n {4}\S)/, '');
    const { headers } = await client.get('/v1/connections/erp');
    expect((await apply('connections', silent, { ifMatch: String(headers['etag']) })).status).toBe(422);
    expect((await apply('connections', unsafe, { ifMatch: String(headers['etag']) })).status).toBe(200);
    const flow = await client.get('/v1/flows/deal-won-to-order');
    const changed = example('flows').replace('attempts: 10', 'attempts: 9');
    const answer = await apply('flows', changed, { ifMatch: String(flow.headers['etag']) });
    expect([answer.status, answer.body['code']]).toEqual([422, 'ECL-5005']);
  });

  it('answers content that a flow had before with that version', async () => {
    const restored = await client.get('/v1/connections/erp');
    await apply('connections', example('connections'), { ifMatch: String(restored.headers['etag']) });
    const put = async (document: string): Promise<unknown> => {
      const { headers } = await client.get('/v1/flows/deal-won-to-order');
      return (await apply('flows', document, { ifMatch: String(headers['etag']) })).body;
    };
    expect(await put(example('flows').replace('attempts: 10', 'attempts: 9'))).toMatchObject({
      change: 'changed',
      version: 2,
    });
    expect(await put(example('flows'))).toMatchObject({ change: 'unchanged', version: 1 });
  });
});

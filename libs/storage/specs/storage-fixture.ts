import { createHash, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { FlowDefinition, RunRef } from '@ecluse/contracts';
import { isEcluseError, type ErrorName } from '@ecluse/errors';
import type { Change, NewDelivery, QueuedRun } from '@ecluse/storage';
import {
  PostgresDispatchStore,
  PostgresFlowStore,
  PostgresInboxWriter,
  PostgresRunStore,
  createDataSource,
} from '@ecluse/storage/postgres';
import { createTestDatabase, uniqueName, type TestDatabase } from '@ecluse/testing';

export type Role = 'door' | 'dispatcher' | 'worker' | 'admin-api' | 'owner' | 'superuser';

/** A migrated database of its own, and one data source per role: the rights are those of production. */
export class StorageFixture {
  private readonly open = new Map<Role, DataSource>();

  private constructor(readonly database: TestDatabase) {}

  static async create(): Promise<StorageFixture> {
    return new StorageFixture(await createTestDatabase());
  }

  async as(role: Role): Promise<DataSource> {
    const known = this.open.get(role);
    if (known !== undefined) return known;
    const dataSource = createDataSource({
      url: this.url(role),
      applicationName: `spec-${role}`,
      poolSize: 20,
    });
    this.open.set(role, dataSource);
    return dataSource.initialize();
  }

  url(role: Role): string {
    if (role === 'owner') return this.database.ownerUrl;
    return role === 'superuser' ? this.database.superuserUrl : this.database.urls[role];
  }

  /** Rows as the superuser sees them: what is really there. */
  async look<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    const dataSource = await this.as('superuser');
    const rows: unknown = await dataSource.query(text, values);
    return rows as Row[];
  }

  async close(): Promise<void> {
    await Promise.all([...this.open.values()].map((dataSource) => dataSource.destroy()));
    await this.database.drop();
  }
}

export const CHANGE: Change = { actor: 'ada', requestId: 'req-1' };

export function aTenant(): string {
  return uniqueName('tenant');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function aDelivery(tenant: string, changes: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id: randomUUID(),
    tenant,
    source: 'crm-deals',
    deliveryKey: randomUUID(),
    bodySha256: sha256('body'),
    contentType: 'application/json',
    bodyBytes: 4,
    body: { ciphertext: Buffer.from('sealed'), wrappedKey: 'vault:v1:key', keyName: `tenant-${tenant}` },
    secretId: '2026-11',
    ...changes,
  };
}

export function aDefinition(source = 'crm-deals', expression = 'deal'): FlowDefinition {
  return { on: { source }, steps: [{ id: 'shape', map: expression }], onFailure: { deadLetter: true } };
}

/** Publishes and releases; answers the version. */
export async function releaseFlow(
  fixture: StorageFixture,
  tenant: string,
  flow = 'deal-to-order',
  definition = aDefinition(),
): Promise<number> {
  const flows = new PostgresFlowStore(await fixture.as('admin-api'));
  const publication = { definition, sha256: sha256(JSON.stringify(definition)) };
  const expectedVersion = (await flows.find(tenant, flow))?.version ?? null;
  const { version } = await flows.publish(tenant, flow, publication, { expectedVersion }, CHANGE);
  await flows.release(tenant, flow, { version, reason: null }, CHANGE);
  return version;
}

export function refOf(run: QueuedRun): RunRef {
  const { runId, tenant, deliveryId, flow, flowVersion, flowSha256, origin } = run;
  return { runId, tenant, deliveryId, flow, flowVersion, flowSha256, origin };
}

/** Claims up to `limit` runs of every queue. */
export async function claimAny(
  dispatch: PostgresDispatchStore,
  claimant: string,
  limit: number,
  claimSeconds: number,
): Promise<QueuedRun[]> {
  const queues = await dispatch.queues('', 1000);
  const quotas = queues.map(({ queue }) => ({ queue, size: limit, aloneOnly: false }));
  return dispatch.claim(claimant, quotas, claimSeconds);
}

/** One delivery, accepted, planned and claimed: its queued runs. */
export async function acceptedRuns(
  fixture: StorageFixture,
  tenant: string,
  delivery: NewDelivery = aDelivery(tenant),
): Promise<QueuedRun[]> {
  await new PostgresInboxWriter(await fixture.as('door')).insert(delivery);
  const dispatch = new PostgresDispatchStore(await fixture.as('dispatcher'));
  await dispatch.plan(100);
  const runs = await claimAny(dispatch, 'spec', 100, 60);
  return runs.filter((run) => run.deliveryId === delivery.id);
}

/** A delivery whose only run ended in a dead letter. */
export async function deadLetteredRun(fixture: StorageFixture, tenant: string): Promise<QueuedRun> {
  const [run] = await acceptedRuns(fixture, tenant);
  if (run === undefined) throw new Error('a released flow made a run');
  await failRun(fixture, run);
  return run;
}

export async function failRun(fixture: StorageFixture, run: QueuedRun): Promise<void> {
  const runs = new PostgresRunStore(await fixture.as('worker'));
  await runs.open(refOf(run), randomUUID());
  const failure = {
    stepId: 'order',
    code: 'ECL-4008',
    outcome: 'missing_dependency',
    reason: 'no such product',
  } as const;
  await runs.close(refOf(run), { state: 'dead_letter', failure });
}

export async function succeedRun(fixture: StorageFixture, run: QueuedRun): Promise<void> {
  const runs = new PostgresRunStore(await fixture.as('worker'));
  await runs.open(refOf(run), randomUUID());
  await runs.close(refOf(run), { state: 'succeeded', triggered: true });
}

/** Name of the error that the work ends in; 'none' when it succeeds. Anything that is no EcluseError is thrown on. */
export async function refusalOf(work: Promise<unknown>): Promise<ErrorName | 'none'> {
  try {
    await work;
    return 'none';
  } catch (error) {
    if (isEcluseError(error)) return error.errorName;
    throw error;
  }
}

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@ecluse/config';
import type { FlowDefinition, JsonObject } from '@ecluse/contracts';
import { createLogger } from '@ecluse/observability';
import { createTestDatabase, eventually, testServers, uniqueName, type TestDatabase } from '@ecluse/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from 'pg';
import { createIngress } from '../create-ingress.js';
import { IngressConfig } from '../ingress.config.js';
import { TcpGate } from './tcp-gate.js';

export interface TestSource {
  name: string;
  token: string;
  /** Path at the door. */
  path: string;
}

/**
 * The real ingress on real PostgreSQL, Vault and Temporal, each behind a gate that a test can shut. Nothing is fake;
 * log lines are kept instead of printed.
 */
export class IngressFixture {
  readonly logs: string[] = [];
  private readonly apps: NestFastifyApplication[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly postgres: TcpGate,
    readonly vault: TcpGate,
    readonly temporal: TcpGate,
    private readonly folder: string,
    private readonly owner: Client,
  ) {}

  static async create(): Promise<IngressFixture> {
    const servers = testServers();
    const database = await createTestDatabase();
    const owner = new Client({ connectionString: database.ownerUrl, options: '-c search_path=ecluse' });
    await owner.connect();
    const vaultAddress = new URL(servers.vault.address);
    const [temporalHost = '', temporalPort = ''] = servers.temporal.address.split(':');
    return new IngressFixture(
      database,
      await TcpGate.before(servers.postgres.host, servers.postgres.port),
      await TcpGate.before(vaultAddress.hostname, Number(vaultAddress.port)),
      await TcpGate.before(temporalHost, Number(temporalPort)),
      await mkdtemp(join(tmpdir(), 'ecluse-ingress-')),
      owner,
    );
  }

  /** Environment of an ingress process that goes through the gates. */
  async environment(extra: Record<string, string> = {}): Promise<Record<string, string>> {
    const { door, dispatcher } = testServers().vault.services;
    return {
      ECLUSE_LOG_LEVEL: 'debug',
      ECLUSE_VAULT_ADDR: `http://127.0.0.1:${String(this.vault.port)}`,
      ECLUSE_TEMPORAL_ADDRESS: `127.0.0.1:${String(this.temporal.port)}`,
      ECLUSE_TEMPORAL_NAMESPACE: testServers().temporal.namespace,
      ECLUSE_DOOR_PORT: '0',
      ECLUSE_DISPATCHER_HEALTH_PORT: '0',
      ECLUSE_DISPATCHER_POLL_SECONDS: '1',
      ECLUSE_DOOR_DATABASE_URL_FILE: await this.urlFile('door'),
      ECLUSE_DISPATCHER_DATABASE_URL_FILE: await this.urlFile('dispatcher'),
      ECLUSE_DOOR_VAULT_ROLE_ID: door.roleId,
      ECLUSE_DOOR_VAULT_SECRET_ID_FILE: door.secretIdFile,
      ECLUSE_DISPATCHER_VAULT_ROLE_ID: dispatcher.roleId,
      ECLUSE_DISPATCHER_VAULT_SECRET_ID_FILE: dispatcher.secretIdFile,
      ...extra,
    };
  }

  /** Starts an ingress in this process and waits until it is ready; answers its origin. */
  async start(extra: Record<string, string> = {}): Promise<string> {
    const config = loadConfig(IngressConfig, await this.environment(extra));
    const log = createLogger('ingress', config.logLevel, { write: (line: string) => this.logs.push(line) });
    const app = await createIngress(config, log);
    this.apps.push(app);
    await app.listen(0, '127.0.0.1');
    const origin = await app.getUrl();
    await eventually(async () => {
      const { status } = await fetch(`${origin}/health/ready`);
      if (status !== 200) throw new Error(`not ready: ${String(status)}`);
    });
    return origin;
  }

  /** Ends every ingress of this fixture. */
  async stop(): Promise<void> {
    await Promise.all(this.apps.splice(0).map((app) => app.close()));
  }

  async close(): Promise<void> {
    await this.stop();
    await this.owner.end();
    for (const gate of [this.postgres, this.vault, this.temporal]) await gate.close();
    await this.database.drop();
    await rm(this.folder, { recursive: true });
  }

  /** Makes a source, as the admin API would. */
  async addSource(spec: JsonObject, secrets?: Record<string, string>): Promise<TestSource> {
    const name = uniqueName('source');
    const token = randomBytes(18).toString('base64url');
    await this.rows(`INSERT INTO sources (tenant, name, token, spec) VALUES ('acme', $1, $2, $3)`, [
      name,
      token,
      spec,
    ]);
    if (secrets !== undefined) await this.putSecrets(name, secrets);
    return { name, token, path: `/in/${token}` };
  }

  /** Publishes and releases version 1 of a flow on a source, as the admin API would. */
  async addFlow(source: string, changes: Partial<FlowDefinition> = {}): Promise<string> {
    const name = uniqueName('flow');
    const definition: FlowDefinition = {
      on: { source },
      steps: [{ id: 'copy', map: '$' }],
      onFailure: { deadLetter: true },
      ...changes,
    };
    await this.rows(`INSERT INTO flows (tenant, name) VALUES ('acme', $1)`, [name]);
    await this.rows(
      `INSERT INTO flow_versions (tenant, flow, version, sha256, definition, created_by) VALUES ('acme', $1, 1, $2, $3, 'test')`,
      [name, 'f'.repeat(64), definition],
    );
    await this.rows(
      `UPDATE flows SET released_version = 1, released_source = $2 WHERE tenant = 'acme' AND name = $1`,
      [name, source],
    );
    return name;
  }

  async putSecrets(source: string, values: Record<string, string>): Promise<void> {
    const { address, rootToken } = testServers().vault;
    const answer = await fetch(`${address}/v1/kv/data/webhooks/acme/${source}`, {
      method: 'POST',
      headers: { 'x-vault-token': rootToken },
      body: JSON.stringify({ data: values }),
    });
    if (!answer.ok) throw new Error(`Vault answers ${String(answer.status)}`);
  }

  /** Rows as the owner of the schema sees them. */
  async rows<T = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.owner.query<T & Record<string, unknown>>(sql, values)).rows;
  }

  /** Tells listeners that sources changed. */
  async notifySources(): Promise<void> {
    await this.rows('NOTIFY ecluse_sources');
  }

  private async urlFile(service: 'door' | 'dispatcher'): Promise<string> {
    const url = new URL(this.database.urls[service]);
    url.port = String(this.postgres.port);
    const path = join(this.folder, `${service}-url`);
    await writeFile(path, url.toString(), { mode: 0o600 });
    return path;
  }
}

import type { DataSource } from 'typeorm';
import type { FlowDefinition, RunRef } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import { withTenant } from './sql-session.js';

const FIND = `
SELECT definition, sha256 FROM flow_versions WHERE tenant = $1 AND flow = $2 AND version = $3`;

/** Flow versions kept. One is some kilobytes. */
const KEPT = 2_000;

type Version = Pick<RunRef, 'tenant' | 'flow' | 'flowVersion' | 'flowSha256'>;

/** Flow versions as runs need them. A version never changes, so what was read once is kept: least recently used out. */
export class FlowVersions {
  readonly #kept = new Map<string, Promise<FlowDefinition>>();

  constructor(private readonly dataSource: DataSource) {}

  /** Throws NOT_FOUND, FLOW_VERSION_MISMATCH, STORE_UNAVAILABLE. Failures are not kept. */
  async load(version: Version): Promise<FlowDefinition> {
    const key = [version.tenant, version.flow, version.flowVersion, version.flowSha256].join('/');
    const loading = this.#kept.get(key) ?? this.#read(version);
    this.#kept.delete(key);
    this.#kept.set(key, loading);
    this.#dropOldest();
    try {
      return await loading;
    } catch (error) {
      if (this.#kept.get(key) === loading) this.#kept.delete(key);
      throw error;
    }
  }

  async #read({ tenant, flow, flowVersion, flowSha256 }: Version): Promise<FlowDefinition> {
    const [row] = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<{ definition: FlowDefinition; sha256: string }>(FIND, [tenant, flow, flowVersion]),
    );
    const what = `flow ${flow} version ${String(flowVersion)}`;
    if (row === undefined) throw new EcluseError('NOT_FOUND', { detail: what });
    if (row.sha256 !== flowSha256) throw new EcluseError('FLOW_VERSION_MISMATCH', { detail: what });
    return row.definition;
  }

  #dropOldest(): void {
    if (this.#kept.size <= KEPT) return;
    const oldest = this.#kept.keys().next();
    if (oldest.done !== true) this.#kept.delete(oldest.value);
  }
}

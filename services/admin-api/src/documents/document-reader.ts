import { Inject, Injectable } from '@nestjs/common';
import type { ApplyRequest, JsonObject } from '@ecluse/contracts';
import {
  checkFlow,
  readDocument,
  refuse,
  toFlowDefinition,
  type CatalogueOperation,
  type DocumentText,
} from '@ecluse/manifests';
import type { ConnectionStore, FlowPublication, SourceStore } from '@ecluse/storage';
import { resolveAuth } from '@ecluse/webhook-auth';
import { part } from '../ports.js';
import { checkConnection } from './check-connection.js';
import { connectorOf } from './connectors.js';

/** Names looked through for the one that a misspelt name may have meant: one page of a list. */
const MOST_SUGGESTED = 200;

/**
 * Reads the documents of PUT requests for a tenant and the name in the path. Everything that is wrong is refused
 * with file, line and column: DOCUMENT_UNPARSABLE, DOCUMENT_INVALID, EXPRESSION_INVALID, REFERENCE_UNKNOWN,
 * WRITE_UNSAFE, TENANT_MISMATCH. What these return may be stored.
 */
@Injectable()
export class DocumentReader {
  constructor(
    @Inject(part('sources')) private readonly sources: SourceStore,
    @Inject(part('connections')) private readonly connections: ConnectionStore,
  ) {}

  source(tenant: string, name: string, request: ApplyRequest): JsonObject {
    const document = readDocument('Source', textOf(request), { tenant, name });
    const findings = resolveAuth(document.spec['auth']).findings.filter(
      ({ severity }) => severity === 'error',
    );
    const faults = findings.map((finding) => ({ ...finding, pointer: `/auth${finding.pointer}` }));
    refuse(document, 'DOCUMENT_INVALID', faults);
    return document.spec;
  }

  connection(tenant: string, name: string, request: ApplyRequest): JsonObject {
    const document = readDocument('Connection', textOf(request), { tenant, name });
    refuse(document, 'DOCUMENT_INVALID', checkConnection(document));
    return document.spec;
  }

  /** References are checked against what the tenant has now. */
  async flow(tenant: string, name: string, request: ApplyRequest): Promise<FlowPublication> {
    const document = readDocument('Flow', textOf(request), { tenant, name });
    await checkFlow(document, {
      hasSource: async (source) => (await this.sources.find(tenant, source)) !== undefined,
      operationsOf: (connection) => this.operationsOf(tenant, connection),
      names: async (kind) => {
        const store = kind === 'source' ? this.sources : this.connections;
        return (await store.list(tenant, { limit: MOST_SUGGESTED })).items.map((item) => item.name);
      },
    });
    return toFlowDefinition(document);
  }

  private async operationsOf(tenant: string, name: string): Promise<CatalogueOperation[] | undefined> {
    const connection = await this.connections.find(tenant, name);
    const connector = connection === undefined ? undefined : connectorOf(connection.spec);
    if (connection === undefined || connector === undefined) return undefined;
    return connector.operations(connection.spec).map((operation) => ({
      name: operation.name,
      effect: operation.effect,
      hasIdempotency: operation.idempotency !== undefined,
    }));
  }
}

function textOf({ file, document }: ApplyRequest): DocumentText {
  return file === undefined ? { text: document } : { file, text: document };
}

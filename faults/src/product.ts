import { randomBytes, randomUUID } from 'node:crypto';
import type { JsonObject, SourceView } from '@ecluse/contracts';
import { faultDocuments, MESSAGE_KINDS, sourceOf, type MessageKind } from './documents.js';
import type { FaultStack } from './stack/fault-stack.js';

/** Longest wait for the admin API. Milliseconds. */
const TIMEOUT_MS = 15_000;

/** The product as its operators see it: the admin API of the stack under test. */
export class Product {
  private constructor(
    private readonly adminUrl: string,
    private readonly key: string,
    /** Paths of the sources below the door, and the secret that their senders sign with. */
    readonly sourcePaths: ReadonlyMap<MessageKind, string>,
    readonly secret: string,
    /** Whether this build takes flows with `order`. */
    readonly ordered: boolean,
  ) {}

  /** Applies and releases everything, with a secret for the source. */
  static async setUp(stack: FaultStack): Promise<Product> {
    const key = await stack.secret('admin-api-key');
    const api = new Product(stack.adminUrl, key, new Map(), '', false);
    const { sources, flows, orderedFlow } = faultDocuments(stack.ports.postgres);
    for (const source of sources) await api.put('sources', source);
    await api.putConnections(stack.ports.postgres);
    for (const flow of flows) await api.release(flow);
    const ordered = await api.release(orderedFlow).then(
      () => true,
      () => false,
    );
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const paths = new Map<MessageKind, string>();
    for (const kind of MESSAGE_KINDS) {
      const path = `/v1/sources/${sourceOf(kind)}`;
      await api.call('POST', `${path}/secrets`, { secretId: 'first', value: secret });
      const { url } = (await api.call('GET', path)) as SourceView;
      paths.set(kind, new URL(url).pathname);
    }
    return new Product(stack.adminUrl, key, paths, secret, ordered);
  }

  /** Points the connections at another port: that of a proxy, or the remotes' own. */
  async putConnections(remotePort: number): Promise<void> {
    for (const connection of faultDocuments(remotePort).connections)
      await this.put('connections', connection);
  }

  /** GET, POST or PUT below `/v1`. Throws for any status but 2xx. */
  async call(method: string, path: string, body?: JsonObject, headers = {}): Promise<unknown> {
    const { status, value } = await this.ask(method, path, body, headers);
    if (status < 200 || status > 299) {
      throw new Error(`${method} ${path}: ${String(status)} ${JSON.stringify(value).slice(0, 800)}`);
    }
    return value;
  }

  private async release(flow: JsonObject): Promise<void> {
    const name = nameOf(flow);
    await this.put('flows', flow);
    const { latestVersion: version } = (await this.call('GET', `/v1/flows/${name}`)) as {
      latestVersion: number;
    };
    await this.call('POST', `/v1/flows/${name}/releases`, { version, reason: 'fault suite' });
  }

  private async put(collection: string, document: JsonObject): Promise<void> {
    const path = `/v1/${collection}/${nameOf(document)}`;
    const known = await this.ask('GET', path);
    const etag = known.status === 200 ? known.etag : null;
    const headers = etag === null ? {} : { 'if-match': etag };
    await this.call('PUT', path, { file: 'fault.json', document: JSON.stringify(document) }, headers);
  }

  private async ask(
    method: string,
    path: string,
    body?: JsonObject,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; etag: string | null; value: unknown }> {
    const response = await fetch(`${this.adminUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...headers,
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      etag: response.headers.get('etag'),
      value: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  }
}

function nameOf(document: JsonObject): string {
  const { name } = document['metadata'] as { name: string };
  return name;
}

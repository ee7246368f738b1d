import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplyResult, SourceView } from '@ecluse/contracts';
import { checkout } from '../checkout.js';
import type { StackUnderTest } from './stack-under-test.js';

type Collection = 'sources' | 'connections' | 'flows';

/** Applies the documents of `bench/documents` as a user would, and gives sources their secret. */
export class AdminApi {
  private readonly base: string;
  private readonly key: string;
  private readonly variables: Readonly<Record<string, string>>;
  private readonly sources = new Map<string, string>();
  private readonly flows = new Set<string>();

  constructor(stack: StackUnderTest) {
    this.base = `${stack.endpoints.adminApi}/v1`;
    this.key = stack.secret('admin-api-key');
    const [host = '', port = ''] = stack.endpoints.postgres.split(':');
    this.variables = { 'local.erp.host': host, 'local.erp.port': port };
  }

  /** @param variables Values of `${name}` in the document, beside those of the stack. */
  async apply(
    collection: Collection,
    name: string,
    file: string,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<ApplyResult> {
    const text = readFileSync(join(checkout, 'bench', 'documents', file), 'utf8');
    const values = { ...this.variables, ...variables };
    const document = text.replace(/\$\{([a-z.]+)\}/g, (whole, key: string) => values[key] ?? whole);
    const response = await this.send('PUT', `${collection}/${name}`, { file, document });
    return response as ApplyResult;
  }

  /** Applies a source, once, and gives it `secret`; answers its address at the door. */
  async source(name: string, secret: string): Promise<string> {
    const known = this.sources.get(name);
    if (known !== undefined) return known;
    await this.apply('sources', name, 'source.yaml', { source: name });
    await this.send('POST', `sources/${name}/secrets`, { secretId: 'bench', value: secret });
    const { url } = (await this.send('GET', `sources/${name}`)) as SourceView;
    this.sources.set(name, url);
    return url;
  }

  /** Applies a flow on `source`, once, and releases it. */
  async flow(name: string, file: string, source: string): Promise<void> {
    if (this.flows.has(name)) return;
    this.flows.add(name);
    const { version } = await this.apply('flows', name, file, { flow: name, source });
    await this.send('POST', `flows/${name}/releases`, { version, reason: 'benchmark' });
  }

  private async send(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.base}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

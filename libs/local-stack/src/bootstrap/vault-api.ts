import { EcluseError } from '@ecluse/errors';

/** Answer of Vault; `data` is the whole JSON body. */
export interface VaultAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * The few calls that set a Vault up, with the root token. Services use `@ecluse/vault` instead.
 * 30 s per call.
 */
export class VaultApi {
  constructor(
    private readonly address: string,
    private readonly token?: string,
  ) {}

  withToken(token: string): VaultApi {
    return new VaultApi(this.address, token);
  }

  /** Throws VAULT_UNAVAILABLE, or VAULT_MISUSED with Vault's own messages, for any status but 2xx. */
  async call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<VaultAnswer['body']> {
    const answer = await this.ask(method, path, body);
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    const errors = Array.isArray(answer.body['errors']) ? answer.body['errors'].map(String).join('; ') : '';
    throw new EcluseError('VAULT_MISUSED', {
      detail: `${method} ${path}: ${String(answer.status)} ${errors.slice(0, 500)}`,
    });
  }

  /** The answer, whatever its status. Throws VAULT_UNAVAILABLE when there is none. */
  async ask(method: string, path: string, body?: unknown): Promise<VaultAnswer> {
    try {
      const response = await fetch(`${this.address}/v1/${path}`, {
        method,
        headers: this.token === undefined ? {} : { 'x-vault-token': this.token },
        signal: AbortSignal.timeout(30_000),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as VaultAnswer['body']) };
    } catch (error) {
      throw new EcluseError('VAULT_UNAVAILABLE', { detail: `${method} ${path}`, cause: error });
    }
  }
}

/** `data` of an answer. */
export function dataOf(body: VaultAnswer['body']): Readonly<Record<string, unknown>> {
  const data = body['data'];
  return data instanceof Object ? (data as Readonly<Record<string, unknown>>) : {};
}

/** A text field of `data`. Throws VAULT_MISUSED when Vault answers something else. */
export function textOf(body: VaultAnswer['body'], field: string): string {
  const value = dataOf(body)[field];
  if (typeof value !== 'string')
    throw new EcluseError('VAULT_MISUSED', { detail: `Vault answered without ${field}.` });
  return value;
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createVaultClient, type VaultClient } from './index.js';

/** Guards our own transport against what node-vault 0.12 does without it. The servers here only look like Vault. */
describe('transport below node-vault', () => {
  const TOKEN = 'hvs.canary-token-0123456789';
  const open: { close(): unknown }[] = [];
  const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  type Answer = (request: IncomingMessage, response: ServerResponse) => void;

  const serve = async (answer: Answer): Promise<string> => {
    const server: Server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
        if (request.url === '/v1/auth/approle/login') {
          response.end(
            JSON.stringify({ auth: { client_token: TOKEN, lease_duration: 3600, renewable: true } }),
          );
        } else answer(request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({
      close: () => {
        server.closeAllConnections();
        server.close();
      },
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const client = async (answer: Answer): Promise<VaultClient> =>
    createVaultClient({ addr: await serve(answer), roleId: 'r', secretId: 'canary-secret-id', name: 'spec' });
  const failureOf = async (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => 'no failure',
      (error: unknown) => error,
    );
  const calls = (): typeof seen => seen.filter(({ url }) => !url.includes('login'));

  afterEach(() => {
    for (const server of open.splice(0)) server.close();
    seen.length = 0;
    delete process.env['VAULT_NAMESPACE'];
    delete process.env['VAULT_PREFIX'];
    delete process.env['VAULT_TOKEN'];
  });

  it('does not follow a redirect, which would carry the token to another host', async () => {
    const vault = await client((_request, response) =>
      response.writeHead(307, { location: `${foreign}/v1/x` }).end(),
    );
    const foreign = await serve((_request, response) => response.end('{}'));
    await expect(vault.read(['kv', 'data', 'x'])).rejects.toMatchObject({ code: 'ECL-3005' });
    expect(calls()).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    [
      'a refusal',
      (_request, response) => response.writeHead(403).end(`{"errors":["permission denied ${TOKEN}"]}`),
    ],
    ['a broken connection', (request) => request.socket.destroy()],
    ['an answer that is no JSON', (_request, response) => response.writeHead(500).end(`<html>${TOKEN}`)],
  ])('shows neither token nor body after %s', async (_name, answer) => {
    const vault = await client(answer);
    const error = await failureOf(vault.write(['kv', 'data', 'x'], { data: { password: 'canary-body' } }));
    const text = inspect(error, { depth: 20, showHidden: true });
    expect(error).toMatchObject({ name: 'EcluseError' });
    expect(text).not.toContain('canary');
  });

  it('takes 202 as success: Vault answers it to an asynchronous revocation', async () => {
    const vault = await client((_request, response) => response.writeHead(202).end());
    await expect(
      vault.write(['sys', 'leases', 'revoke'], { lease_id: 'l', sync: false }),
    ).resolves.toMatchObject({});
    expect(JSON.parse(calls()[0]?.body ?? '')).toEqual({ lease_id: 'l', sync: false });
  });

  it('sends PATCH as one merge patch', async () => {
    const vault = await client((_request, response) => response.end('{}'));
    await vault.patch(['kv', 'data', 'x'], { data: { old: null } });
    expect(calls()[0]).toMatchObject({ method: 'PATCH', body: '{"data":{"old":null}}' });
    expect(calls()[0]?.headers['content-type']).toBe('application/merge-patch+json');
  });

  it('gives up when no answer comes in time, and tells a write from a read', async () => {
    const vault = await client(() => undefined);
    const timeoutMs = 50;
    await expect(vault.write(['kv', 'data', 'x'], {}, { timeoutMs })).rejects.toMatchObject({
      code: 'ECL-3001',
    });
    expect(calls()).toHaveLength(1);
    await expect(vault.read(['kv', 'data', 'x'], { timeoutMs })).rejects.toMatchObject({ code: 'ECL-3001' });
    expect(calls()).toHaveLength(4);
  });

  it('ends when its caller cancels', async () => {
    const vault = await client(() => undefined);
    const cancel = new AbortController();
    const reading = failureOf(vault.read(['kv', 'data', 'x'], { signal: cancel.signal }));
    while (calls().length === 0) await new Promise((resolve) => setImmediate(resolve));
    cancel.abort();
    expect(await reading).toMatchObject({ code: 'ECL-3001' });
    expect(calls()).toHaveLength(1);
  });

  it("takes nothing from the developer's own VAULT_* variables", async () => {
    Object.assign(process.env, { VAULT_NAMESPACE: 'mine', VAULT_PREFIX: '/mine', VAULT_TOKEN: 'mine' });
    const vault = await client((_request, response) => response.end('{}'));
    await vault.read(['kv', 'data', 'x']);
    expect(calls()[0]).toMatchObject({ url: '/v1/kv/data/x', headers: { 'x-vault-token': TOKEN } });
    expect(calls()[0]?.headers).not.toHaveProperty('x-vault-namespace');
  });

  it('prints nothing, whatever DEBUG says', async () => {
    const name = ['debug'].join(); // node-vault's, without types
    const { default: debug } = (await import(name)) as { default: { enable(names: string): void } };
    const written = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    debug.enable('*');
    const vault = await client((_request, response) => response.end('{}'));
    await vault.write(['kv', 'data', 'x'], { data: { password: 'canary' } });
    expect(written).not.toHaveBeenCalledWith(expect.stringContaining('canary'));
    debug.enable('-*');
    written.mockRestore();
  });

  it('names the process as user agent, which the audit log keeps', async () => {
    const vault = await client((_request, response) => response.end('{}'));
    await vault.read(['kv', 'data', 'x']);
    expect(calls()[0]?.headers['user-agent']).toBe('ecluse/spec');
  });
});

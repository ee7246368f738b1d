import { describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { registerHealth } from './index.js';

const identity = { service: 'door', version: '1' };

async function ready(checks: Record<string, () => Promise<void>>) {
  const server = fastify();
  registerHealth(server, { ...identity, checks });
  return server.inject({ url: '/health/ready' });
}

describe('registerHealth', () => {
  it('is ready when every part answers', async () => {
    const answer = await ready({ postgres: () => Promise.resolve() });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'ok', ...identity, parts: { postgres: { status: 'ok' } } });
  });

  it('answers 503 and names the part, by code and never by message', async () => {
    const failure = Object.assign(new Error('postgresql://u:hunter2@h'), { code: 'ECL-2003' });
    const answer = await ready({ postgres: () => Promise.reject(failure), vault: () => Promise.resolve() });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      status: 'unavailable',
      parts: { postgres: { status: 'unavailable', detail: 'ECL-2003' }, vault: { status: 'ok' } },
    });
    expect(answer.body).not.toContain('hunter2');
  });

  it('counts a part that hangs as unavailable', async () => {
    const answer = await ready({ vault: () => new Promise(() => undefined) });
    expect(answer.json()).toMatchObject({
      parts: { vault: { status: 'unavailable', detail: 'no answer within 2 s' } },
    });
  });

  it('stays live whatever the parts say', async () => {
    const server = fastify();
    registerHealth(server, { ...identity, checks: { vault: () => Promise.reject(new Error('down')) } });
    expect((await server.inject({ url: '/health/live' })).statusCode).toBe(200);
  });
});

import { createHmac, timingSafeEqual } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

/** Seconds that a signed time may lie off, both ways. */
const TOLERANCE_SECONDS = 300;

/** What a verified request brought. */
export interface VerifiedMessage {
  id: string;
  body: Buffer;
}

/** A bare Fastify server that keeps the raw body, without a log. */
export function bareServer(): FastifyInstance {
  const server = fastify({ logger: false, bodyLimit: 1_048_576 });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  return server;
}

/** Verifies a Standard Webhooks message: HMAC-SHA256 over `id.timestamp.body`. Undefined when it does not hold. */
export function verifyMessage(key: Buffer, request: FastifyRequest): VerifiedMessage | undefined {
  const {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  } = request.headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string')
    return undefined;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return undefined;
  const body = request.body as Buffer;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  const given = Buffer.from(signature.slice('v1,'.length), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected) ? { id, body } : undefined;
}

/** The answers of every floor. */
export function refuse(reply: FastifyReply): FastifyReply {
  return reply.code(401).send({ error: 'unauthorized' });
}

/**
 * The floor of T6: verifies, parses, answers 202 or 401, and keeps nothing. `POST /in`.
 * @param secret `whsec_` and base64.
 */
export function createHmacFloor(secret: string): FastifyInstance {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const server = bareServer();
  server.post('/in', (request, reply) => {
    const message = verifyMessage(key, request);
    if (message === undefined) return refuse(reply);
    JSON.parse(message.body.toString('utf8'));
    return reply.code(202).send({ deliveryId: message.id });
  });
  return server;
}

/** As a process of its own: arguments are the secret and the port; prints its origin. */
if (import.meta.main) {
  process.on('disconnect', () => {
    process.exit(0); // the benchmark is gone
  });
  const [secret = '', port = '0'] = process.argv.slice(2);
  process.stdout.write(
    `${await createHmacFloor(secret).listen({ host: '127.0.0.1', port: Number(port) })}\n`,
  );
}

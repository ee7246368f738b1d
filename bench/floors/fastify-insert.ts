import type { FastifyInstance } from 'fastify';
import { Pool } from 'pg';
import { bareServer, refuse, verifyMessage } from './fastify-hmac.js';

const TABLE = `
CREATE TABLE IF NOT EXISTS floor_inbox (
  delivery_key text PRIMARY KEY, body bytea NOT NULL, received_at timestamptz NOT NULL DEFAULT now())`;
const INSERT = {
  name: 'insert',
  text: 'INSERT INTO floor_inbox (delivery_key, body) VALUES ($1, $2) ON CONFLICT DO NOTHING',
};
/** Connections: enough for PostgreSQL to put concurrent commits into one flush by itself. */
const CONNECTIONS = 20;

/**
 * The floor of T5: as the HMAC floor, and one INSERT of its own (autocommit, durable) before the 202. `POST /in`.
 * @param databaseUrl A database in which it may make its table `floor_inbox`.
 */
export async function createInsertFloor(secret: string, databaseUrl: string): Promise<FastifyInstance> {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const pool = new Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  await pool.query(TABLE);
  const server = bareServer();
  server.post('/in', async (request, reply) => {
    const message = verifyMessage(key, request);
    if (message === undefined) return refuse(reply);
    JSON.parse(message.body.toString('utf8'));
    await pool.query(INSERT, [message.id, message.body]);
    return reply.code(202).send({ deliveryId: message.id });
  });
  server.addHook('onClose', () => pool.end());
  return server;
}

/** As a process of its own: arguments are the secret, the database's URL and the port; prints its origin. */
if (import.meta.main) {
  process.on('disconnect', () => {
    process.exit(0); // the benchmark is gone
  });
  const [secret = '', databaseUrl = '', port = '0'] = process.argv.slice(2);
  const server = await createInsertFloor(secret, databaseUrl);
  process.stdout.write(`${await server.listen({ host: '127.0.0.1', port: Number(port) })}\n`);
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EcluseError } from '@ecluse/errors';
import type { Metrics } from './create-metrics.js';

export interface MetricsListenerOptions {
  host: string;
  /** 0 takes any free one. */
  port: number;
  metrics: { scrape: Metrics<never>['scrape'] };
  /** A further endpoint in this process whose text is appended to each answer, such as the Temporal SDK's. */
  append?: string;
}
export interface MetricsListener {
  /** Port that was taken. */
  port: number;
  close(): Promise<void>;
}

/** Longest wait for the appended endpoint, which is on loopback. Milliseconds. */
const APPEND_TIMEOUT_MS = 2_000;

/** Serves `GET /metrics` on a listener of its own. Throws PORT_IN_USE. */
export async function listenForMetrics(options: MetricsListenerOptions): Promise<MetricsListener> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => {
      response.writeHead(500).end();
    });
  });
  // A scraper sends a line or two; whoever sends slowly is not one.
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  await listening(server, options);
  // A process that is done does not stay for its metrics.
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, { host, port }: MetricsListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const detail = taken ? `port ${String(port)} is taken` : 'the metrics listener could not listen';
      reject(new EcluseError(taken ? 'PORT_IN_USE' : 'CONFIG_INVALID', { detail, cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

async function answer(
  { metrics, append }: MetricsListenerOptions,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (url !== '/metrics') return void response.writeHead(404).end();
  if (method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
  const [own, more] = await Promise.all([metrics.scrape(), append === undefined ? '' : textOf(append)]);
  response
    .writeHead(200, { 'content-type': own.contentType, 'cache-control': 'no-store' })
    .end(own.text + more);
}

/** Empty while the endpoint does not answer: the process's own figures matter more. */
async function textOf(endpoint: string): Promise<string> {
  try {
    const answered = await fetch(endpoint, { signal: AbortSignal.timeout(APPEND_TIMEOUT_MS) });
    return answered.ok ? await answered.text() : '';
  } catch {
    return '';
  }
}

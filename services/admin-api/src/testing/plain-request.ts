import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface PlainAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  json(): Record<string, unknown>;
}
export interface PlainRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Default 127.0.0.1. */
  address?: string;
}

/** Sends exactly what it is told, `Host` and path included, which `fetch` would correct. */
export function plainRequest(port: number, path: string, options: PlainRequest = {}): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body, address = '127.0.0.1' } = options;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = httpRequest(
      { host: address, port, path, method, headers: { ...length, ...headers }, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const json = (): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text, json });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

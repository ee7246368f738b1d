import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * Writes a request as it is and reads one answer: clients of the usual kind repair or refuse what a hostile sender
 * sends. Resolves when the server has answered, whether or not the request was sent to its end.
 */
export async function rawRequest(origin: string, text: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setTimeout(8_000, () => socket.destroy(new Error('no answer')));
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error(`closed after: ${received}`));
    });
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const answer = parse(received);
      if (answer === undefined) return;
      resolve(answer);
      socket.destroy();
    });
  });
}

function parse(text: string): RawAnswer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = text.slice(end + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return undefined;
  return { status: Number(statusLine.split(' ')[1]), headers, body };
}

/** A POST with these header lines, in this order, repetitions included. */
export async function post(
  origin: string,
  path: string,
  headers: readonly (readonly [string, string])[],
  body: string | Buffer,
): Promise<RawAnswer> {
  const bytes = Buffer.from(body as string);
  const lines = [
    ['host', new URL(origin).host],
    ...headers,
    ['content-length', String(bytes.length)],
  ] as const;
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `POST ${path} HTTP/1.1\r\n${fields}\r\n`;
  return rawRequest(origin, Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
}

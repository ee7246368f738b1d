import { createHmac } from 'node:crypto';
import { EcluseError } from '@ecluse/errors';
import { signedContent } from './content.js';
import { keyBytes } from './keys.js';
import type { AuthScheme, MacScheme, StaticScheme } from './scheme.js';
import { formatTimestamp } from './timestamps.js';

/** What a sender signs. */
export interface Message {
  body: Uint8Array;
  /** Used where the scheme carries an id in a header. */
  id?: string;
  /** Used where the scheme carries a time in a header. */
  timestamp: Date;
  /** Default POST. */
  method?: string;
  /** Headers that the scheme's content names, as `[name, value, …]`. */
  rawHeaders?: readonly string[];
}

function fault(detail: string): EcluseError {
  return new EcluseError('USAGE', { detail });
}

function signatureHeader(scheme: MacScheme, mac: Buffer, timestamp: string | undefined): [string, string] {
  const { header, encoding, parse } = scheme.signature;
  const text = mac.toString(encoding);
  switch (parse.type) {
    case 'plain':
      return [header, text];
    case 'prefix':
      return [header, `${parse.prefix}${text}`];
    case 'list':
      return [header, `${parse.tag}${parse.tagSep}${text}`];
    case 'numberedHeaders':
      return [header.replace('{n}', '1'), text];
    case 'kv': {
      const source = scheme.timestamp?.source;
      const param =
        source !== undefined && 'header' in source && source.header === header ? source.param : undefined;
      const start = param === undefined || timestamp === undefined ? '' : `${param}=${timestamp}${parse.sep}`;
      return [header, `${start}${parse.param}=${text}`];
    }
  }
}

function signMac(scheme: MacScheme, secret: string, message: Message): Record<string, string> {
  const key = keyBytes(secret, scheme.secret);
  if (key === undefined) throw fault('the secret does not have the form that the scheme asks for');
  const timestamp = scheme.timestamp && formatTimestamp(message.timestamp, scheme.timestamp.unit);
  const content = signedContent(scheme.content, {
    rawHeaders: message.rawHeaders ?? [],
    rawBody: message.body,
    method: message.method ?? 'POST',
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(message.id === undefined ? {} : { id: message.id }),
  });
  if ('reason' in content) throw fault(`the message cannot be signed: ${content.reason}`);
  const hmac = createHmac(scheme.algorithm, key);
  for (const piece of content.pieces) hmac.update(piece);
  const headers = Object.fromEntries([signatureHeader(scheme, hmac.digest(), timestamp)]);
  const stampSource = scheme.timestamp?.source;
  if (
    stampSource !== undefined &&
    'header' in stampSource &&
    stampSource.param === undefined &&
    timestamp !== undefined
  )
    headers[stampSource.header] = timestamp;
  const idSource = scheme.id?.source;
  if (idSource !== undefined && 'header' in idSource && message.id !== undefined)
    headers[idSource.header] = message.id;
  return headers;
}

function signStatic(scheme: StaticScheme, secret: string): Record<string, string> {
  const { source, prefix = '' } = scheme.token;
  if (!('header' in source) || source.param !== undefined)
    throw fault('only tokens in a header of their own can be made');
  const key = keyBytes(secret, scheme.secret);
  if (key === undefined) throw fault('the secret does not have the form that the scheme asks for');
  return { [source.header]: `${prefix}${key.toString('latin1')}` };
}

/**
 * Headers (lower-case names) that make `message` verify: the sender's side, for `ecluse send` and tests.
 * Throws USAGE when the secret or the message does not fit the scheme.
 */
export function sign(scheme: AuthScheme, secret: string, message: Message): Record<string, string> {
  return scheme.kind === 'mac' ? signMac(scheme, secret, message) : signStatic(scheme, secret);
}

import type { MessageKind } from '../documents.js';

/** What the sender's log keeps of personal data; it may appear nowhere but in ciphertext. */
export interface MessageOptions {
  readonly kind: MessageKind;
  /** Id of the message: `webhook-id`, and the business id at the remotes. */
  readonly id: string;
  readonly key: string;
  readonly seq: number;
  /** About so many bytes of body. */
  readonly bytes: number;
  /** Text that may leave the ciphertext nowhere. */
  readonly canary: string;
  /** Further fields. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A message as it is sent, byte by byte the same at every attempt. */
export interface Message {
  readonly kind: MessageKind;
  readonly id: string;
  readonly key: string;
  readonly seq: number;
  readonly body: string;
}

/** Makes the body. */
export function message(options: MessageOptions): Message {
  const { kind, id, key, seq, bytes, canary, more = {} } = options;
  const fields = { type: kind, id, key, seq, note: canary, ...more };
  const padding = Math.max(0, bytes - JSON.stringify({ ...fields, padding: '' }).length);
  const body = JSON.stringify({ ...fields, padding: 'x'.repeat(padding) });
  return { kind, id, key, seq, body };
}

/** Algorithms of keyed signatures. `sha1` needs `legacy: true` on the scheme. */
export const MAC_ALGORITHMS = ['sha256', 'sha384', 'sha512', 'sha1'] as const;
export type MacAlgorithm = (typeof MAC_ALGORITHMS)[number];

/** Encodings of signatures. Only the canonical spelling is accepted: hex in lower case, base64 padded, base64url not. */
export const SIGNATURE_ENCODINGS = ['hex', 'base64', 'base64url'] as const;
export type SignatureEncoding = (typeof SIGNATURE_ENCODINGS)[number];

/** How the text of a secret becomes key bytes. */
export const SECRET_ENCODINGS = ['utf8', 'hex', 'base64', 'base64url'] as const;
export type SecretEncoding = (typeof SECRET_ENCODINGS)[number];

/** A header, or one parameter of it (`t` in `t=1,v1=ab`; `sep` defaults to `,`). Must occur exactly once. */
export interface HeaderSource {
  header: string;
  param?: string;
  sep?: string;
}
/** A query parameter of the request; must occur exactly once. */
export interface QuerySource {
  query: string;
}
/** RFC 6901 pointer into the JSON body. Read only after the body has been verified. */
export interface BodySource {
  bodyPointer: string;
}
/** Where a value of the request lies. */
export type Src = HeaderSource | QuerySource | BodySource;

/** Words that stand for a value in `content`; every other string is a literal. */
export const CONTENT_WORDS = ['body', 'timestamp', 'id', 'method'] as const;
/** Words of the general language that this version does not offer yet; refused rather than taken for literals. */
export const RESERVED_WORDS = ['url', 'path', 'secret'] as const;
/** One piece of the signed content: a word of `CONTENT_WORDS`, a literal, or a header's value. */
export type Part = string | { header: string };

/** How signatures are cut out of their header. */
export type Parse =
  | { type: 'plain' }
  | { type: 'prefix'; prefix: string }
  | { type: 'kv'; sep: string; param: string }
  | { type: 'list'; sep: string; tagSep: string; tag: string }
  | { type: 'numberedHeaders'; max: number };

/** How a stored secret value becomes a key. */
export interface SecretFormat {
  encoding: SecretEncoding;
  /** Removed before decoding when present. */
  prefix?: string;
  /** Shortest key, in bytes after decoding. Default 1. */
  minBytes?: number;
}
/** The sender's clock. */
export interface TimestampRule {
  source: Src;
  unit: 's' | 'ms' | 'rfc3339';
  /** How old a delivery may be, seconds. */
  pastSeconds: number;
  /** How far ahead the sender's clock may be, seconds. */
  futureSeconds: number;
  /** False: the value is not covered by the signature, so it proves nothing and no window is applied. */
  signed: boolean;
}

/** A keyed signature over the raw body and what else `content` names. */
export interface MacScheme {
  kind: 'mac';
  /** Allows `sha1`. */
  legacy?: boolean;
  algorithm: MacAlgorithm;
  secret: SecretFormat;
  signature: {
    /** Header that carries the signature; with `numberedHeaders` it contains `{n}`, counted from 1. */
    header: string;
    encoding: SignatureEncoding;
    parse: Parse;
    /** Most signatures looked at, 1..8. Default 8; a request with more is refused. */
    maxCandidates?: number;
  };
  timestamp?: TimestampRule;
  id?: { source: Src; signed: boolean };
  /** Order is concatenation. */
  content: Part[];
}
/** A shared secret sent with each request. Proves the sender, not the content. */
export interface StaticScheme {
  kind: 'static';
  secret: SecretFormat;
  /** Where the token lies; `prefix` (for example `Bearer `) must precede it. */
  token: { source: HeaderSource | QuerySource; prefix?: string };
}
/** How a source's deliveries are authenticated: data, not code. */
export type AuthScheme = MacScheme | StaticScheme;

/** A scheme with the name under which logs and results mention it. */
export interface NamedScheme {
  name: string;
  scheme: AuthScheme;
}

/** Most secrets of one source that are tried; more is a configuration fault and refuses every delivery. */
export const MAX_SECRETS = 4;
/** Most candidate signatures of one request; more refuses it. */
export const MAX_CANDIDATES = 8;

export { verify } from './verify.js';
export type { Verified, VerifyResult } from './verified.js';
export type { WebhookRequest, WebhookSecret } from './request.js';
export { REFUSAL_REASONS, isConfigurationFault, type RefusalReason } from './refusal.js';
export { sign, type Message } from './sign.js';
export { lintScheme } from './lint-scheme.js';
export type { Finding } from './finding.js';
export { resolveAuth, PROVIDERS, MAX_SCHEMES, type Provider } from './resolve-auth.js';
export {
  STANDARD_WEBHOOKS,
  GITHUB,
  STRIPE,
  BEARER,
  hmac,
  hmacTimestamp,
  type HmacOptions,
  type HmacTimestampOptions,
} from './providers/catalogue.js';
export { readPointer, POINTER } from './json-pointer.js';
export { lookUpHeader, lookUpQuery, type Lookup } from './headers.js';
export { keyBytes } from './keys.js';
export {
  MAX_SECRETS,
  MAX_CANDIDATES,
  type AuthScheme,
  type MacScheme,
  type StaticScheme,
  type NamedScheme,
  type Src,
  type HeaderSource,
  type QuerySource,
  type BodySource,
  type Part,
  type Parse,
  type SecretFormat,
  type TimestampRule,
  type MacAlgorithm,
  type SignatureEncoding,
  type SecretEncoding,
} from './scheme.js';

/**
 * Shapes of secrets that must not reach a log even inside a message: Vault tokens, Standard Webhooks and Stripe
 * secrets, bearer credentials, API keys of ours, PEM keys, passwords inside URLs.
 */
const SECRET_SHAPES: readonly RegExp[] = [
  /\bhv[sbr]\.[A-Za-z0-9_-]{20,}/g,
  /\bwhs[ek]c?_[A-Za-z0-9+/=_-]{8,}/g,
  /\b[sr]k_(?:live|test)_[A-Za-z0-9]{8,}/g,
  /\becl_[a-z2-7]{12}_[A-Za-z0-9_-]{43}/g,
  /\bBearer\s+[A-Za-z0-9._~+/=-]{8,}/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<=:\/\/[^:/\s@]{1,100}:)[^@\s]{1,200}(?=@)/g,
];

/** Replaces every known secret shape with `[redacted]`: no prefix, no length. */
export function redactText(text: string): string {
  return SECRET_SHAPES.reduce((result, shape) => result.replace(shape, '[redacted]'), text);
}

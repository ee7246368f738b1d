import { EcluseError, type ErrorName } from '@ecluse/errors';

/** What the transport saw: an answer that is not a success, or no answer. */
export interface VaultFailure {
  /** HTTP status; 0 when there was no answer. */
  status: number;
  /** Node's or undici's error code when there was no answer. */
  transportCode?: string;
  /** Vault's own words. Matched here, never passed on: they can quote a request. */
  messages: string[];
  /** From the header, seconds. */
  retryAfterSeconds?: number;
}

/**
 * `always`: the request was not executed, repeat it. `idempotent`: it may have been executed. `relogin`: with a
 * fresh token, once. `never`: the same call fails again.
 */
export type VaultRepeat = 'always' | 'idempotent' | 'relogin' | 'never';

/** One row of the classification: the first rule that fits decides. */
export interface VaultFailureRule {
  statuses: readonly number[] | 'any';
  text?: RegExp;
  transportCode?: RegExp;
  error: ErrorName;
  repeat: VaultRepeat;
  /** What an operator reads. */
  detail: string;
  retryAfterSeconds?: number;
  /** Counts against the circuit: `open` at once, `count` after several in a row. */
  circuit?: 'open' | 'count';
}

const SET_UP_FAULTS =
  /JSON.*exceeds|invalid character|is not an allowed role|error importing key|checksums did not match/i;
/** Certificate and handshake faults of Node: ERR_TLS_*, CERT_*, UNABLE_TO_*, SELF_SIGNED_*, DEPTH_ZERO_*. */
const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/;
const NOT_SENT_CODE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

export const VAULT_FAILURE_RULES: readonly VaultFailureRule[] = [
  {
    statuses: [0],
    transportCode: TLS_CODE,
    error: 'VAULT_MISUSED',
    repeat: 'never',
    detail: 'TLS certificate or host name is not accepted',
  },
  {
    statuses: [0],
    transportCode: NOT_SENT_CODE,
    error: 'VAULT_UNAVAILABLE',
    repeat: 'always',
    detail: 'not reachable',
    circuit: 'count',
  },
  {
    statuses: [0],
    error: 'VAULT_UNAVAILABLE',
    repeat: 'idempotent',
    detail: 'no answer in time',
    circuit: 'count',
  },
  {
    statuses: [503],
    text: /sealed/i,
    error: 'VAULT_UNAVAILABLE',
    repeat: 'never',
    detail: 'sealed',
    retryAfterSeconds: 15,
    circuit: 'open',
  },
  {
    statuses: [429],
    error: 'VAULT_UNAVAILABLE',
    repeat: 'never',
    detail: 'rate limit of Vault',
    retryAfterSeconds: 1,
  },
  {
    statuses: [500],
    text: SET_UP_FAULTS,
    error: 'VAULT_MISUSED',
    repeat: 'never',
    detail: 'refused as malformed or not set up',
  },
  // Undefined object, feature or right inside the target database: a person has to mend the role's SQL or grants.
  {
    statuses: [500],
    text: /SQLSTATE (42|0A)/,
    error: 'CREDENTIAL_MISSING',
    repeat: 'never',
    detail: 'the role of the database engine does not fit its database',
  },
  {
    statuses: [500],
    text: /local node not active|Vault is sealed/i,
    error: 'VAULT_UNAVAILABLE',
    repeat: 'always',
    detail: 'starting',
    circuit: 'count',
  },
  {
    statuses: [500, 502, 503, 504],
    error: 'VAULT_UNAVAILABLE',
    repeat: 'idempotent',
    detail: 'internal error',
    circuit: 'count',
  },
  { statuses: [412], error: 'VAULT_UNAVAILABLE', repeat: 'always', detail: 'replica is behind' },
  {
    statuses: [403],
    text: /invalid token/i,
    error: 'VAULT_DENIED',
    repeat: 'relogin',
    detail: 'token is not valid',
  },
  { statuses: [403], error: 'VAULT_DENIED', repeat: 'never', detail: 'policy refuses' },
  {
    statuses: [400],
    text: /invalid (role|secret)[ _-]?id|invalid role or secret/i,
    error: 'VAULT_DENIED',
    repeat: 'never',
    detail: 'login refused',
  },
  {
    statuses: [400],
    text: /unknown role|encryption key not found/i,
    error: 'CREDENTIAL_MISSING',
    repeat: 'never',
    detail: 'role or key does not exist',
  },
  {
    statuses: [400],
    text: /lease (is )?not found|invalid lease/i,
    error: 'CREDENTIAL_MISSING',
    repeat: 'never',
    detail: 'lease does not exist',
  },
  {
    statuses: [404],
    text: /no handler for route/i,
    error: 'VAULT_MISUSED',
    repeat: 'never',
    detail: 'engine is not mounted',
  },
  { statuses: [404], error: 'CREDENTIAL_MISSING', repeat: 'never', detail: 'nothing there' },
  { statuses: 'any', error: 'VAULT_MISUSED', repeat: 'never', detail: 'request refused' },
];

/** The first rule that fits; the last one fits everything. */
export function classifyVaultFailure(failure: VaultFailure): VaultFailureRule {
  const text = failure.messages.join('\n');
  const rule = VAULT_FAILURE_RULES.find(
    (candidate) =>
      (candidate.statuses === 'any' || candidate.statuses.includes(failure.status)) &&
      (candidate.text === undefined || candidate.text.test(text)) &&
      (candidate.transportCode === undefined || candidate.transportCode.test(failure.transportCode ?? '')),
  );
  if (rule === undefined) throw new Error('VAULT_FAILURE_RULES must end with a rule that fits everything');
  return rule;
}

/** `path` is ours and validated. Of Vault's text only an SQLSTATE is passed on. */
export function toVaultError(path: string, failure: VaultFailure): EcluseError {
  const rule = classifyVaultFailure(failure);
  const sqlState = /SQLSTATE ([0-9A-Z]{5})/.exec(failure.messages.join('\n'))?.[1];
  const facts = [
    failure.status === 0 ? (failure.transportCode ?? 'no answer') : `status ${failure.status}`,
    ...(sqlState === undefined ? [] : [`SQLSTATE ${sqlState}`]),
  ];
  const retryAfterSeconds = failure.retryAfterSeconds ?? rule.retryAfterSeconds;
  return new EcluseError(rule.error, {
    detail: `${path}: ${rule.detail} (${facts.join(', ')})`,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

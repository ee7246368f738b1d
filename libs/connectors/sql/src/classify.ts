import type { OutcomeClass } from '@ecluse/contracts';
import type { Verdict } from '@ecluse/connector-sdk';

/** How far an operation had come. Only during `commit` can the outcome be in doubt: before it, all is rolled back. */
export type Phase = 'connect' | 'statement' | 'commit';

/** Outcome of a SQLSTATE: five characters, or the two of its class. The longer match wins. */
export const SQLSTATE_OUTCOMES: Readonly<Record<string, readonly [OutcomeClass, string]>> = {
  '08': ['transient', 'The session with the database broke'],
  '0A': ['contract_drift', 'The database does not support the statement'],
  '21': ['invalid', 'Two rows of one statement mean the same record'],
  '22': ['invalid', 'A value does not fit its type'],
  '23': ['invalid', 'The database refuses the row'],
  '23505': ['duplicate', 'The row exists already'],
  '23503': ['missing_dependency', 'A record that the row refers to does not exist, or is still referred to'],
  '25006': ['contract_drift', 'The operation is declared as read and tries to write'],
  '25': ['transient', 'The transaction cannot go on'],
  '26': ['transient', 'The prepared statement is gone'],
  '28': ['auth_stale', 'The database refuses the credential'],
  '3D': ['contract_drift', 'The database does not exist'],
  '3F': ['contract_drift', 'A schema does not exist'],
  '40': ['transient', 'The transaction lost against a concurrent one'],
  '40002': ['invalid', 'A deferred constraint refuses the rows'],
  '42': ['contract_drift', 'The statement does not fit the schema of the database'],
  '42501': ['forbidden', 'The role may not do this'],
  '44': ['invalid', 'A view refuses the row'],
  '53': ['transient', 'The database lacks resources'],
  '54': ['contract_drift', 'The statement exceeds a limit of the database'],
  '55': ['transient', 'An object is in use'],
  '57': ['transient', 'The database is not available'],
  '57014': ['transient', 'The statement ran into its time limit'],
  '57P01': ['auth_stale', 'The database ended the session'],
  '58': ['transient', 'The database has a fault in its system'],
  P0: ['business_limit', 'A rule of the database refuses the write'],
  XX: ['transient', 'The database has an internal fault'],
};

/** SQLSTATEs that prove a failed COMMIT to be a rollback. Any other failure there leaves the outcome open. */
const ROLLED_BACK = /^(23|44|P0|40(?!003))/;

/** Faults of the TLS handshake: repeating does not help, and falling back would be worse. */
const TLS_CODES =
  /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ENOENT$|EACCES$)/;

/** Turns a driver error into a verdict. Reasons name objects of the schema, never a message or detail: they hold values. */
export function classifySqlError(error: unknown, phase: Phase, effect: 'read' | 'write'): Verdict {
  const code = textOf(error, 'code');
  const sqlState =
    code !== undefined && /^[0-9A-Z]{5}$/.test(code) && isServerError(error) ? code : undefined;
  if (phase === 'commit' && effect === 'write' && !(sqlState !== undefined && ROLLED_BACK.test(sqlState))) {
    return verdict('ambiguous', 'The session broke while the transaction was being committed', code);
  }
  if (sqlState !== undefined) return classifySqlState(sqlState, error);
  if (code !== undefined && TLS_CODES.test(code)) {
    return verdict('contract_drift', `No trusted TLS session with the database (${code})`, code);
  }
  if (textOf(error, 'message') === 'The server does not support SSL connections') {
    return verdict('contract_drift', 'The database offers no TLS', undefined);
  }
  return verdict(
    'transient',
    `The database cannot be reached or the session broke${code === undefined ? '' : ` (${code})`}`,
    code,
  );
}

function classifySqlState(sqlState: string, error: unknown): Verdict {
  const [outcome, text] = SQLSTATE_OUTCOMES[sqlState] ??
    SQLSTATE_OUTCOMES[sqlState.slice(0, 2)] ?? ['transient', 'The database reports a fault'];
  const objects = (['constraint', 'table', 'column'] as const).flatMap((kind) => {
    const name = textOf(error, kind);
    return name === undefined ? [] : [`${kind} ${name}`];
  });
  return verdict(outcome, [`${text} (${sqlState})`, ...objects].join(', '), sqlState);
}

/** A message of the server carries a severity; an error of the operating system with a five-letter code does not. */
function isServerError(error: unknown): boolean {
  return textOf(error, 'severity') !== undefined;
}

function textOf(error: unknown, property: string): string | undefined {
  if (typeof error !== 'object' || error === null || !(property in error)) return undefined;
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function verdict(outcome: OutcomeClass, reason: string, vendorCode: string | undefined): Verdict {
  return { outcome, reason: `${reason}.`, vendorCode: vendorCode ?? null };
}

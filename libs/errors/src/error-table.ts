/** Stage of the path in which an error arises. */
export type ErrorStage = 'accept' | 'start' | 'lease' | 'map' | 'call' | 'record' | 'admin' | 'publish' | 'setup';
/**
 * `never`: the same call fails again. `backoff`: it may succeed later. `person`: someone has to decide first.
 */
export type RetryClass = 'never' | 'backoff' | 'person';

export interface ErrorEntry {
  readonly code: string;
  readonly stage: ErrorStage;
  /** HTTP status of the problem document. */
  readonly status: number;
  readonly retry: RetryClass;
  /** Short, fixed summary (RFC 9457 `title`). */
  readonly title: string;
  /** What to do about it. */
  readonly remedy: string;
}

function entry(
  code: string,
  stage: ErrorStage,
  status: number,
  retry: RetryClass,
  title: string,
  remedy: string,
): ErrorEntry {
  return { code, stage, status, retry, title, remedy };
}

/**
 * The one table of error codes. Numbers are stable: an entry is never renumbered or reused.
 * 1xxx accept, 2xxx start and record, 3xxx credentials, 4xxx calls and mappings, 5xxx publishing,
 * 6xxx admin API, 7xxx set-up and configuration.
 */
export const ERRORS = {
  SOURCE_UNKNOWN: entry('ECL-1001', 'accept', 404, 'never', 'Not found', 'Check the URL given by `ecluse sources`.'),
  SIGNATURE_REFUSED: entry('ECL-1002', 'accept', 401, 'never', 'Unauthorized', 'Sign the exact bytes sent with a current secret and a clock in time; `ecluse audit` does not show why, the door log counts the reason.'),
  BODY_TOO_LARGE: entry('ECL-1003', 'accept', 413, 'never', 'Content too large', "Send less, or raise the source's `limits.maxBody`."),
  CONTENT_UNSUPPORTED: entry('ECL-1004', 'accept', 415, 'never', 'Unsupported media type', "Send one of the source's `limits.contentTypes`, without Content-Encoding."),
  BODY_MALFORMED: entry('ECL-1005', 'accept', 400, 'never', 'Malformed body', 'Send valid UTF-8 JSON within the structural limits.'),
  DELIVERY_KEY_MISSING: entry('ECL-1006', 'accept', 400, 'never', 'Delivery key missing', 'Send the id that the source names in `dedupe.key`.'),
  INBOX_UNAVAILABLE: entry('ECL-1007', 'accept', 503, 'backoff', 'Temporarily unavailable', 'Send the delivery again after Retry-After seconds; nothing was stored.'),
  SECRET_UNAVAILABLE: entry('ECL-1008', 'accept', 503, 'backoff', 'Temporarily unavailable', 'Send the delivery again after Retry-After seconds; unseal or reach Vault.'),
  METHOD_REFUSED: entry('ECL-1009', 'accept', 405, 'never', 'Method not allowed', 'Use POST.'),
  HEADER_REPEATED: entry('ECL-1010', 'accept', 401, 'never', 'Unauthorized', 'Send each authentication header once.'),
  DELIVERY_CONFLICT: entry('ECL-1011', 'accept', 409, 'never', 'Delivery key reused', 'Another body was accepted under this delivery key; send it under a new key.'),

  ENGINE_UNAVAILABLE: entry('ECL-2001', 'start', 503, 'backoff', 'Temporal unavailable', 'Start or reach Temporal; deliveries wait in the inbox meanwhile.'),
  RUN_NOT_STARTABLE: entry('ECL-2002', 'start', 500, 'person', 'Run cannot be started', 'Read the reason on the run, mend it, then replay the delivery.'),
  STORE_UNAVAILABLE: entry('ECL-2003', 'record', 503, 'backoff', 'PostgreSQL unavailable', 'Start or reach PostgreSQL; nothing acknowledged is lost.'),
  FLOW_VERSION_MISMATCH: entry('ECL-2004', 'record', 500, 'person', 'Flow version does not match its hash', 'The stored flow version was altered; publish it again and replay.'),
  DISK_FULL: entry('ECL-2005', 'record', 503, 'backoff', 'Disk full', 'Free space on the volume of the data folder.'),

  VAULT_UNAVAILABLE: entry('ECL-3001', 'lease', 503, 'backoff', 'Vault unavailable', 'Start, reach or unseal Vault; steps wait and go on by themselves.'),
  VAULT_DENIED: entry('ECL-3002', 'lease', 403, 'person', 'Vault policy refuses the credential', 'Restore the policy of the connection, or stop using it.'),
  CREDENTIAL_MISSING: entry('ECL-3003', 'lease', 500, 'person', 'Credential is not configured', 'Create the Vault role or secret that the connection names.'),
  CREDENTIAL_REFUSED: entry('ECL-3004', 'lease', 502, 'person', 'Remote refuses a fresh credential', 'Check the rights of the role that the connection uses.'),
  VAULT_MISUSED: entry('ECL-3005', 'lease', 500, 'never', 'Vault refused the request', 'This is a set-up fault or a bug; see the message.'),

  MAPPING_FAILED: entry('ECL-4001', 'map', 422, 'person', 'Mapping failed', 'Correct the expression, publish, release, then retry the dead letter.'),
  MAPPING_LIMIT: entry('ECL-4002', 'map', 422, 'person', 'Mapping exceeded its limits', 'Make the expression cheaper; limits are in docs/reference/mapping.md.'),
  CALL_INVALID: entry('ECL-4003', 'call', 422, 'person', 'Remote refuses the data', 'Correct the data or the mapping, then retry the dead letter.'),
  CALL_TRANSIENT: entry('ECL-4004', 'call', 503, 'backoff', 'Remote is temporarily unavailable', 'None; the step is tried again.'),
  CALL_AMBIGUOUS: entry('ECL-4005', 'call', 502, 'person', 'Outcome at the remote is unknown', 'Look at the remote whether the write happened, then retry or discard.'),
  CALL_DRIFT: entry('ECL-4006', 'call', 502, 'person', 'Remote no longer matches the connection', 'Compare the operation with the remote schema and correct the connection.'),
  CALL_FORBIDDEN: entry('ECL-4007', 'call', 403, 'person', 'Remote forbids the operation', "Grant the connection's role what the operation needs."),
  CALL_MISSING_DEPENDENCY: entry('ECL-4008', 'call', 422, 'person', 'A record that the data refers to does not exist', 'Create the missing record at the remote, then retry the dead letter.'),
  CALL_RETRIES_EXHAUSTED: entry('ECL-4009', 'call', 503, 'person', 'Retries exhausted', 'Look at the last attempt, mend the cause, then retry the dead letter.'),
  CALL_BUSINESS_LIMIT: entry('ECL-4010', 'call', 422, 'person', 'A business rule of the remote refuses the write', 'Resolve it at the remote, then retry the dead letter.'),
  CALL_THROTTLED: entry('ECL-4011', 'call', 429, 'backoff', 'Remote asks to slow down', 'None; the step waits as long as the remote asks.'),
  CONNECTION_UNKNOWN: entry('ECL-4012', 'call', 422, 'person', 'Connection or operation is not defined', 'Apply the connection, then retry the dead letter.'),

  DOCUMENT_INVALID: entry('ECL-5001', 'publish', 422, 'never', 'Document is not valid', 'Correct the lines that `errors` names.'),
  DOCUMENT_UNPARSABLE: entry('ECL-5002', 'publish', 422, 'never', 'Document is not readable YAML or JSON', 'Correct the syntax at the line named.'),
  EXPRESSION_INVALID: entry('ECL-5003', 'publish', 422, 'never', 'Expression is not valid JSONata', 'Correct the expression at the line named.'),
  REFERENCE_UNKNOWN: entry('ECL-5004', 'publish', 422, 'never', 'Reference to something that does not exist', 'Apply the source or connection first, or correct the name.'),
  WRITE_UNSAFE: entry('ECL-5005', 'publish', 422, 'never', 'Write without an idempotency strategy', 'Declare `idempotency` on the operation, or state `onAmbiguous: park`.'),
  TENANT_MISMATCH: entry('ECL-5006', 'publish', 403, 'never', 'Document belongs to another tenant', 'Use a key of that tenant, or correct `metadata.tenant`.'),

  UNAUTHENTICATED: entry('ECL-6001', 'admin', 401, 'never', 'Unauthorized', 'Send `Authorization: Bearer <API key>`.'),
  ROLE_MISSING: entry('ECL-6002', 'admin', 403, 'never', 'Forbidden', 'Use a key with the role that the operation names.'),
  NOT_FOUND: entry('ECL-6003', 'admin', 404, 'never', 'Not found', 'Check the id or name.'),
  REQUEST_INVALID: entry('ECL-6004', 'admin', 400, 'never', 'Request is not valid', 'Correct the fields that `errors` names.'),
  IDEMPOTENCY_KEY_MISSING: entry('ECL-6005', 'admin', 400, 'never', 'Idempotency-Key missing', 'Send a fresh Idempotency-Key header with the POST.'),
  IDEMPOTENCY_KEY_REUSED: entry('ECL-6006', 'admin', 422, 'never', 'Idempotency-Key reused with another request', 'Send a fresh Idempotency-Key.'),
  IDEMPOTENCY_IN_PROGRESS: entry('ECL-6007', 'admin', 409, 'backoff', 'Request with this Idempotency-Key is in progress', 'Send the same request again a little later.'),
  PRECONDITION_MISSING: entry('ECL-6008', 'admin', 428, 'never', 'If-Match missing', 'Send If-Match with the ETag last read.'),
  PRECONDITION_FAILED: entry('ECL-6009', 'admin', 412, 'never', 'Changed meanwhile', 'Read it again, then repeat the change.'),
  STATE_CONFLICT: entry('ECL-6010', 'admin', 409, 'never', 'Not possible in this state', 'See `detail` for the state and what is possible.'),
  INTERNAL: entry('ECL-6011', 'admin', 500, 'backoff', 'Internal error', 'Give the request id to whoever runs this service; the log has the cause.'),
  ROUTE_UNKNOWN: entry('ECL-6012', 'admin', 404, 'never', 'Not found', 'See the OpenAPI document for the paths.'),
  SESSION_MISSING: entry('ECL-6013', 'admin', 401, 'never', 'No operator session', 'Run `ecluse ui` for a one-time login link.'),
  ORIGIN_REFUSED: entry('ECL-6014', 'admin', 403, 'never', 'Foreign origin', 'Open the Temporal UI through the link of `ecluse ui`.'),
  HOST_REFUSED: entry('ECL-6015', 'admin', 421, 'never', 'Misdirected request', 'Use the host name that `ecluse status` shows.'),
  UI_READ_ONLY: entry('ECL-6016', 'admin', 405, 'never', 'The Temporal UI is read-only here', 'Use the admin API or the `ecluse` command, which record who did it.'),

  CONFIG_INVALID: entry('ECL-7001', 'setup', 500, 'never', 'Configuration is not valid', 'Correct the variables named.'),
  TOOLCHAIN_MISSING: entry('ECL-7002', 'setup', 500, 'never', 'Server not found and cannot be built', 'Install it from its vendor, or install Go, then run again.'),
  PORT_IN_USE: entry('ECL-7003', 'setup', 500, 'never', 'Port in use', 'End the process named, or choose another port.'),
  STACK_VERSION: entry('ECL-7004', 'setup', 500, 'never', 'Data folder belongs to another version', 'Use that version, or begin anew with `npm start -- --reset`.'),
  STACK_BROKEN: entry('ECL-7005', 'setup', 500, 'never', 'A part of the local stack did not start', 'Read the log file named.'),
  STACK_RUNNING: entry('ECL-7006', 'setup', 500, 'never', 'The local stack of this folder runs already', 'Use it, or stop it first.'),
  STACK_NOT_RUNNING: entry('ECL-7007', 'setup', 500, 'never', 'The local stack of this folder does not run', 'Start it with `npm start`.'),
  USAGE: entry('ECL-7008', 'setup', 500, 'never', 'Command is not valid', 'See `ecluse --help`.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorName = keyof typeof ERRORS;

import { ERRORS, type ErrorEntry, type ErrorStage, type RetryClass } from '@ecluse/errors';

const STAGES: Record<ErrorStage, string> = {
  accept: 'Accept: the door',
  start: 'Start: the dispatcher',
  record: 'Record: PostgreSQL',
  lease: 'Lease: credentials',
  map: 'Map: expressions',
  call: 'Call: remote systems',
  publish: 'Publish: documents',
  admin: 'Admin API and operator listener',
  setup: 'Set-up and configuration',
};
const RETRIES: Record<RetryClass, string> = {
  never: 'The same call fails again.',
  backoff: 'It may succeed later.',
  person: 'Somebody has to decide first.',
};
const INTRODUCTION = `# Error codes

Written by \`npm run reference -w @ecluse/admin-api\` from the one error table (\`libs/errors\`); a test keeps both equal.

HTTP answers are RFC 9457 problem documents (\`application/problem+json\`) whose \`type\` is \`urn:ecluse:error:<code>\`.
Dead letters, attempts and logs name the same codes. Numbers are stable: a code is never renumbered or reused.
`;

/** The reference page of all error codes, in Markdown. */
export function renderErrors(): string {
  const byStage = Object.groupBy(Object.entries<ErrorEntry>(ERRORS), ([, entry]) => entry.stage);
  const sections = (Object.keys(STAGES) as ErrorStage[]).map((stage) => {
    const entries = (byStage[stage] ?? []).toSorted(([, a], [, b]) => a.code.localeCompare(b.code));
    return [`## ${STAGES[stage]}`, ...entries.map(([name, entry]) => renderEntry(name, entry))].join('\n\n');
  });
  return `${INTRODUCTION}\n${sections.join('\n\n')}\n`;
}

function renderEntry(name: string, entry: ErrorEntry): string {
  return [
    `### ${entry.code} ${entry.title}`,
    '',
    `- Name: \`${name}\``,
    `- HTTP status: ${String(entry.status)}`,
    `- Again: ${RETRIES[entry.retry]}`,
    `- Remedy: ${entry.remedy}`,
  ].join('\n');
}

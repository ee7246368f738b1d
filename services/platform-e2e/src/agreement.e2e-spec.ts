import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkout, ecluse } from './stack/cli.js';
import { readStatus, type Status } from './stack/status.js';

/** Documents whose `npx ecluse` lines are run as they stand. */
const DOCUMENTS = ['README.md', 'docs/quickstart.md', 'examples/deal-won-to-order/README.md'];
/** Lines that need a value of the reader's own, or change what later lines rely on; the specs of the command run these. */
const NOT_AS_WRITTEN = /\bID\b|secret put|--version 2|rollback/;

function commandsIn(document: string): string[] {
  const text = readFileSync(join(checkout, document), 'utf8');
  return [...text.matchAll(/npx ecluse ([^`\n|]+)/g)]
    .map(([, command]) => (command ?? '').replace(/[.,;]$/, '').trim())
    .filter((command) => !NOT_AS_WRITTEN.test(command));
}

describe('what is written and what runs', () => {
  it('agree on every endpoint of `ecluse status --json`', async () => {
    const { code, stdout } = await ecluse(['status', '--json']);
    expect(code).toBe(0);
    const status = JSON.parse(stdout) as Status;
    expect(status.endpoints).toEqual(readStatus().endpoints);
    const answers = await Promise.all(
      [
        [`${status.endpoints.door}/health/ready`, 200],
        [`${status.endpoints.adminApi}/health/ready`, 200],
        [status.endpoints.apiDocs, 200],
        [status.endpoints.openApi, 200],
        [status.endpoints.operatorUi.replace('ecluse.localhost', '127.0.0.1'), 421],
        [status.endpoints.temporalUi, 200],
        [`${status.endpoints.vault}/v1/sys/health`, 200],
      ].map(async ([url, expected]) => ({ url, status: (await fetch(String(url))).status, expected })),
    );
    for (const answer of answers) expect(answer).toMatchObject({ status: answer.expected });
    for (const part of status.parts) expect(() => process.kill(part.pid, 0)).not.toThrow();
  });

  it('agree on the OpenAPI document', async () => {
    const served: unknown = await (await fetch(readStatus().endpoints.openApi)).json();
    const committed: unknown = JSON.parse(
      readFileSync(join(checkout, 'docs/reference/openapi.json'), 'utf8'),
    );
    expect(served).toEqual(committed);
  });

  it.each(
    DOCUMENTS.flatMap((document) => commandsIn(document).map((command) => [document, command] as const)),
  )('%s: npx ecluse %s', async (_document, command) => {
    const result = await ecluse(command.split(/\s+/));
    expect(result).toMatchObject({ code: 0 });
    expect(`${result.stdout}${result.stderr}`).not.toBe('');
  });

  it('names the default ports that the code uses', () => {
    const quickstart = readFileSync(join(checkout, 'docs/quickstart.md'), 'utf8');
    const plan = readFileSync(join(checkout, 'libs/local-stack/src/supervisor/port-plan.ts'), 'utf8');
    const ports = [...plan.matchAll(/: (87\d\d),/g)].map(([, port]) => port);
    expect(ports.length).toBeGreaterThan(8);
    for (const port of ports) expect(quickstart).toContain(String(port));
  });
});

import { Connection } from '@temporalio/client';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { RunView } from '@ecluse/contracts';
import { call } from './stack/api.js';
import { deadLettersOf, runOf, sendDeal, settled, wonDeal } from './stack/deals.js';
import { erp } from './stack/erp.js';
import { readSecret, readStatus } from './stack/status.js';

/** Every value that must appear nowhere outside an encrypted column, the remote and the secret's own file. */
function secrets(): string[] {
  const names = readdirSync(join(readStatus().home, 'secrets')).filter((name) => !name.endsWith('.json'));
  return names.map(readSecret).filter((value) => value.length >= 16);
}

/** The raw history as Temporal keeps it, without our codec. */
async function rawHistory(run: RunView): Promise<string> {
  const connection = await Connection.connect({ address: readStatus().endpoints.temporal });
  try {
    const answer = await connection.workflowService.getWorkflowExecutionHistory({
      namespace: 'ecluse',
      execution: { workflowId: run.workflowId },
    });
    const events = answer.history?.events ?? [];
    expect(events.length).toBeGreaterThan(5);
    return (
      JSON.stringify(events, (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
      ) +
      JSON.stringify(
        answer.history?.events?.map((event) => Buffer.from(JSON.stringify(event), 'utf8').toString('latin1')),
      )
    );
  } finally {
    await connection.close();
  }
}

function logs(): string {
  const folder = join(readStatus().home, 'logs');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

describe('personal data and secrets', () => {
  it('appear in no history, log, ledger or answer of the admin API, while the ERP has the e-mail', async () => {
    const email = `canary-${String(Date.now())}@personal.example`;
    const good = wonDeal({ email });
    const bad = wonDeal({ email, sku: 'CANARY-SKU-UNKNOWN' });
    const delivered = await settled(await sendDeal(good.body));
    const failed = await settled(await sendDeal(bad.body));
    const runs = [await runOf(delivered), await runOf(failed)];

    const found = await erp(
      async (client) => (await client.query('SELECT FROM party WHERE email = $1', [email])).rowCount,
    );
    expect(found).toBeGreaterThan(0);

    const database = await erp(async (client) => {
      const tables = ['inbox', 'inbox_bodies', 'runs', 'step_attempts', 'effects', 'dead_letters', 'audit'];
      const texts = await Promise.all(
        tables.map(
          async (table) =>
            (await client.query<{ row: string }>(`SELECT t::text AS row FROM ecluse.${table} AS t`)).rows,
        ),
      );
      return texts
        .flat()
        .map(({ row }) => row)
        .join('\n');
    }, 'owner');
    const answers = await Promise.all(
      [
        '/v1/deliveries?limit=200',
        '/v1/runs?limit=200',
        '/v1/dead-letters?limit=200',
        '/v1/audit?limit=200',
        '/v1/sources',
        '/v1/connections',
      ].map(async (path) => JSON.stringify((await call('GET', path)).body)),
    );
    const places = {
      histories: (await Promise.all(runs.map(rawHistory))).join('\n'),
      logs: logs(),
      database,
      answers: answers.join('\n'),
      letters: JSON.stringify(await deadLettersOf(failed.id)),
    };
    for (const [place, text] of Object.entries(places)) {
      expect(text.length).toBeGreaterThan(0);
      const leaked = [
        email,
        'Test Basin AG',
        Buffer.from(email).toString('base64').slice(4, -4),
        ...secrets(),
      ].filter((value) => text.includes(value));
      expect({ place, leaked: leaked.map((value) => value.slice(0, 6)) }).toEqual({ place, leaked: [] });
    }
  });
});

import type { AuditView, FlowVersionView, FlowView, Page, RunView } from '@ecluse/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { get } from './stack/api.js';
import { checkout, ecluse } from './stack/cli.js';
import { runOf, sendDeal, settled, wonDeal } from './stack/deals.js';

const FLOW = 'deal-won-to-order';

/** The example's flow with one constant changed: a new version by content. */
function changedFlow(): { folder: string; marker: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ecluse-flow-'));
  const marker = `crm-v${String(Date.now())}-`;
  const text = readFileSync(join(checkout, 'examples/deal-won-to-order/flow.yaml'), 'utf8');
  expect(text).toContain("'crm-' & deal.company.id");
  writeFileSync(join(folder, 'flow.yaml'), text.replace("'crm-' &", `'${marker}' &`));
  return { folder, marker };
}

async function nextRun(): Promise<RunView> {
  return runOf(await settled(await sendDeal(wonDeal().body)));
}

describe('release and rollback', () => {
  let before: FlowView;

  beforeAll(async () => {
    before = await get<FlowView>(`/v1/flows/${FLOW}`);
  });
  afterAll(async () => {
    await ecluse(['release', FLOW, '--version', String(before.releasedVersion)]);
  });

  it('is followed by the very next delivery, there and back, and both are in the audit', async () => {
    const { folder } = changedFlow();
    const first = await nextRun();
    expect(first.flowVersion).toBe(before.releasedVersion);

    const applied = await ecluse(['apply', '-f', folder]);
    expect(applied).toMatchObject({ code: 0 });
    const { items } = await get<Page<FlowVersionView>>(`/v1/flows/${FLOW}/versions`);
    const latest = Math.max(...items.map(({ version }) => version));
    expect((await nextRun()).flowVersion).toBe(before.releasedVersion);

    expect(await ecluse(['release', FLOW, '--version', String(latest)])).toMatchObject({ code: 0 });
    expect((await nextRun()).flowVersion).toBe(latest);

    expect(await ecluse(['rollback', FLOW])).toMatchObject({ code: 0 });
    expect((await nextRun()).flowVersion).toBe(before.releasedVersion);

    const audit = JSON.parse((await ecluse(['audit', '--json'])).stdout) as Page<AuditView>;
    const actions = audit.items.filter(({ resource }) => resource.includes(FLOW)).map(({ action }) => action);
    expect(actions.slice(0, 2)).toEqual(['flow.rolled-back', 'flow.released']);
  });

  it('creates no version when the content is the same', async () => {
    const versions = await get<Page<FlowVersionView>>(`/v1/flows/${FLOW}/versions`);
    const again = await ecluse(['apply', '-f', 'examples/deal-won-to-order', '--json']);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('unchanged');
    expect((await get<Page<FlowVersionView>>(`/v1/flows/${FLOW}/versions`)).items).toHaveLength(
      versions.items.length,
    );
  });

  it('refuses a bad flow with file, line, what was expected and the remedy', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ecluse-flow-'));
    const text = readFileSync(join(checkout, 'examples/deal-won-to-order/flow.yaml'), 'utf8');
    writeFileSync(join(folder, 'flow.yaml'), text.replace('party.upsert', 'party.upset'));
    const line = text.split('\n').findIndex((each) => each.includes('party.upsert')) + 1;
    const refused = await ecluse(['apply', '-f', folder]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`flow.yaml:${String(line)}:`);
    expect(refused.stderr).toContain('party.upsert');
    expect(refused.stderr).toContain('ECL-5004');
  });
});

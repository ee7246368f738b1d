import { describe, expect, it } from '@jest/globals';
import { createMetrics } from './create-metrics.js';
import { platformObservers, vaultOperation } from './platform-observers.js';

describe('platform observers', () => {
  it.each([
    ['auth/approle/login', 'login'],
    ['auth/token/renew-self', 'token'],
    ['transit-payload/datakey/plaintext/tenant-acme', 'transit'],
    ['kv/data/webhooks/acme/crm', 'kv'],
    ['database/creds/acme-erp', 'credential'],
    ['sys/leases/renew', 'lease'],
    ['sys/health', 'health'],
    ['sys/capabilities-self', 'other'],
  ])('take %s for %s', (path, operation) => {
    expect(vaultOperation(path)).toBe(operation);
  });

  it('show the class of a request and nothing of its path', async () => {
    const metrics = createMetrics(['worker']);
    const { onRequest, onStatement } = platformObservers(metrics.instruments, 'worker');
    onRequest('database/creds/acme-erp', 'refused');
    onStatement('insert');
    const { text } = await metrics.scrape();
    expect(text).toContain(
      'ecluse_vault_calls_total{part="worker",operation="credential",outcome="refused"} 1',
    );
    expect(text).toContain('ecluse_postgres_statements_total{part="worker",kind="insert"} 1');
    expect(text).not.toContain('acme');
  });
});

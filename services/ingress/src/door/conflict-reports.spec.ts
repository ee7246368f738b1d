import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger } from '@ecluse/observability';
import type { DeliveryConflict } from '@ecluse/storage';
import { ConflictReports } from './conflict-reports.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function reports(fails = false): { reports: ConflictReports; written: DeliveryConflict[]; lines: string[] } {
  const written: DeliveryConflict[] = [];
  const lines: string[] = [];
  const inbox = {
    reportConflict: (event: DeliveryConflict): Promise<void> => {
      written.push(event);
      return fails ? Promise.reject(new Error('away')) : Promise.resolve();
    },
  };
  const log = createLogger('ingress', 'info', { write: (line) => void lines.push(line) });
  return { reports: new ConflictReports(inbox, log), written, lines };
}
const conflict = (source: string, deliveryId = 'd1') => ({
  ...{ tenant: 'acme', source, deliveryId },
  requestId: 'r1',
});
const essence = (written: DeliveryConflict[]): unknown[] =>
  written.map(({ source, deliveryId, count }) => [source, deliveryId, count]);

describe('ConflictReports', () => {
  it('writes the first of a source at once, and the rest as one event per ten seconds', () => {
    const { reports: conflicts, written } = reports();
    for (let turn = 0; turn < 1_000; turn += 1) conflicts.report(conflict('crm', `d${String(turn)}`));
    conflicts.report(conflict('erp'));
    expect(essence(written)).toEqual([
      ['crm', 'd0', 1],
      ['erp', 'd1', 1],
    ]);
    jest.advanceTimersByTime(10_000);
    expect(essence(written).slice(2)).toEqual([['crm', 'd999', 999]]);
    conflicts.report(conflict('crm'));
    conflicts.report(conflict('erp'));
    expect(essence(written).slice(3)).toEqual([['erp', 'd1', 1]]);
    jest.advanceTimersByTime(30_000);
    expect(essence(written).slice(4)).toEqual([['crm', 'd1', 1]]);
  });

  it('writes what it withheld before it closes', async () => {
    const { reports: conflicts, written } = reports();
    conflicts.report(conflict('crm'));
    conflicts.report(conflict('crm', 'd2'));
    await conflicts.close();
    expect(essence(written)).toEqual([
      ['crm', 'd1', 1],
      ['crm', 'd2', 1],
    ]);
  });

  it('logs what could not be written', async () => {
    const { reports: conflicts, lines } = reports(true);
    conflicts.report(conflict('crm'));
    await conflicts.close();
    expect(lines.join('')).toContain('a security event could not be written');
  });
});

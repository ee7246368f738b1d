import { describe, expect, it } from '@jest/globals';
import { createMetrics, MAX_OPEN_VALUES } from './create-metrics.js';

const linesOf = async (metrics: { scrape(): Promise<{ text: string }> }, name: string): Promise<string[]> =>
  (await metrics.scrape()).text.split('\n').filter((line) => line.startsWith(name));

describe('createMetrics', () => {
  it('counts a value outside a closed set as other, whatever it says', async () => {
    const metrics = createMetrics(['door']);
    metrics.instruments.rejects.add({ reason: 'SIGNATURE_REFUSED' });
    metrics.instruments.rejects.add({ reason: 'jane@canary.example' as 'SIGNATURE_REFUSED' }, 2);
    expect(await linesOf(metrics, 'ecluse_door_rejects_total')).toEqual([
      'ecluse_door_rejects_total{reason="SIGNATURE_REFUSED"} 1',
      'ecluse_door_rejects_total{reason="other"} 2',
    ]);
  });

  it('keeps an open set small', async () => {
    const metrics = createMetrics(['worker']);
    for (let value = 0; value < MAX_OPEN_VALUES + 20; value += 1)
      metrics.instruments.activityDuration.observe({ activity: `a${String(value)}`, outcome: 'done' }, 0.1);
    const counts = await linesOf(metrics, 'ecluse_activity_duration_seconds_count');
    expect(counts).toHaveLength(MAX_OPEN_VALUES + 1);
    expect(counts).toContain('ecluse_activity_duration_seconds_count{activity="other",outcome="done"} 20');
  });

  it('has the instruments of its parts and no other, and those of the process', async () => {
    const metrics = createMetrics(['door', 'dispatcher']);
    expect(Object.keys(metrics.instruments)).toEqual(expect.arrayContaining(['rejects', 'starts']));
    expect(Object.keys(metrics.instruments)).not.toContain('leases');
    expect(await linesOf(metrics, 'nodejs_eventloop_lag_p99_seconds')).toHaveLength(1);
  });

  it('reads gauges and runs collectors at each scrape, and survives one that fails', async () => {
    const metrics = createMetrics(['door', 'dispatcher']);
    let bytes = 7;
    metrics.instruments.inFlightBytes.read({}, () => bytes);
    metrics.beforeScrape(() => Promise.reject(new Error('away')));
    metrics.beforeScrape(async () => {
      metrics.instruments.openDeadLetters.set({}, bytes);
    });
    await metrics.scrape();
    bytes = 8;
    expect(await linesOf(metrics, 'ecluse_door_in_flight_bytes')).toEqual(['ecluse_door_in_flight_bytes 8']);
    expect(await linesOf(metrics, 'ecluse_dead_letters_open')).toEqual(['ecluse_dead_letters_open 8']);
  });
});

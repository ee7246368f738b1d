import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isEcluseError } from '@ecluse/errors';
import { FAILPOINTS, armFailpoints } from './failpoints.js';

describe('armFailpoints', () => {
  it.each([
    ['a point without the setting', { setting: undefined, point: 'door.after-commit' }],
    ['a folder without the setting', { setting: undefined, folder: '.' }],
    ['another setting', { setting: 'yes', point: 'door.after-commit' }],
    ['an unknown point', { setting: 'enabled', point: 'door.nowhere' }],
  ])('refuses %s', (_name, settings) => {
    let thrown: unknown;
    try {
      armFailpoints(settings);
    } catch (error) {
      thrown = error;
    }
    expect(isEcluseError(thrown, 'CONFIG_INVALID')).toBe(true);
  });

  it('dies at the armed point only', () => {
    let deaths = 0;
    const failpoints = armFailpoints(
      { setting: 'enabled', point: 'dispatch.after-start' },
      () => (deaths += 1),
    );
    for (const point of FAILPOINTS) if (point !== 'dispatch.after-start') failpoints.hit(point);
    expect(deaths).toBe(0);
    failpoints.hit('dispatch.after-start');
    expect(deaths).toBe(1);
  });

  it('dies once for a file in the folder, so that the successor lives', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ecluse-failpoints-'));
    let deaths = 0;
    const failpoints = armFailpoints({ setting: 'enabled', folder }, () => (deaths += 1));
    failpoints.hit('worker.after-call');
    writeFileSync(join(folder, 'worker.after-call'), '');
    failpoints.hit('worker.before-call');
    expect(deaths).toBe(0);
    failpoints.hit('worker.after-call');
    failpoints.hit('worker.after-call');
    expect(deaths).toBe(1);
    expect(existsSync(join(folder, 'worker.after-call'))).toBe(false);
  });

  it('does nothing when nothing is armed', () => {
    const failpoints = armFailpoints({ setting: 'enabled' }, () => {
      throw new Error('died');
    });
    for (const point of FAILPOINTS) failpoints.hit(point);
  });
});

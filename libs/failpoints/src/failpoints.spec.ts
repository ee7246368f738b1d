import { describe, expect, it } from '@jest/globals';
import { isEcluseError } from '@ecluse/errors';
import { FAILPOINTS, armFailpoints } from './failpoints.js';

describe('armFailpoints', () => {
  it.each([
    ['a point without the setting', undefined, 'door.after-commit'],
    ['another setting', 'yes', 'door.after-commit'],
    ['an unknown point', 'enabled', 'door.nowhere'],
  ])('refuses %s', (_name, setting, point) => {
    let thrown: unknown;
    try {
      armFailpoints(setting, point);
    } catch (error) {
      thrown = error;
    }
    expect(isEcluseError(thrown, 'CONFIG_INVALID')).toBe(true);
  });

  it('dies at the armed point only', () => {
    let deaths = 0;
    const failpoints = armFailpoints('enabled', 'dispatch.after-start', () => (deaths += 1));
    for (const point of FAILPOINTS) if (point !== 'dispatch.after-start') failpoints.hit(point);
    expect(deaths).toBe(0);
    failpoints.hit('dispatch.after-start');
    expect(deaths).toBe(1);
  });

  it('does nothing when nothing is armed', () => {
    const failpoints = armFailpoints('enabled', undefined, () => {
      throw new Error('died');
    });
    for (const point of FAILPOINTS) failpoints.hit(point);
  });
});

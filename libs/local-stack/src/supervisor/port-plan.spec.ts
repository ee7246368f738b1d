import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  DEFAULT_PORTS,
  PORT_NAMES,
  planPorts,
  portFlag,
  portVariable,
  requestedPorts,
  type PortProbe,
} from './port-plan.js';

function machine(busy: readonly number[]): PortProbe {
  let next = 40_000;
  return {
    isFree: (port) => Promise.resolve(!busy.includes(port)),
    findFree: () => {
      do next += 1;
      while (busy.includes(next));
      return Promise.resolve(next);
    },
    describeHolder: (port) => Promise.resolve(busy.includes(port) ? 'pid 41 (nc -l)' : undefined),
  };
}

describe('planPorts', () => {
  it('refuses a busy port that the user set and names the process', async () => {
    const plan = planPorts({ requested: { door: 9000 }, previous: {} }, machine([9000]));
    await expect(plan).rejects.toMatchObject({
      code: 'ECL-7003',
      detail: 'port 9000 (--door-port or ECLUSE_PORT_DOOR) is used by pid 41 (nc -l)',
    });
  });

  it('refuses one port asked for twice', async () => {
    const plan = planPorts({ requested: { door: 9000, vault: 9000 }, previous: {} }, machine([]));
    await expect(plan).rejects.toMatchObject({ code: 'ECL-7001' });
  });

  it('takes the defaults on an empty machine, silently', async () => {
    expect(await planPorts({ requested: {}, previous: {} }, machine([]))).toEqual({
      ports: DEFAULT_PORTS,
      notes: [],
    });
  });

  it('prefers the ports that this folder used last', async () => {
    const plan = await planPorts({ requested: {}, previous: { door: 9100 } }, machine([]));
    expect(plan.ports.door).toBe(9100);
    expect(plan.notes).toEqual([]);
  });

  it('replaces a busy default and says by whom it is held', async () => {
    const plan = await planPorts({ requested: {}, previous: {} }, machine([8701]));
    expect(plan.ports.adminApi).toBe(40_001);
    expect(plan.notes).toEqual(['port 8701 (adminApi) is used by pid 41 (nc -l); using 40001 instead']);
  });

  it('gives a default that the user wants for another part to that part', async () => {
    const plan = await planPorts({ requested: { vault: 8700 }, previous: {} }, machine([]));
    expect(plan.ports.vault).toBe(8700);
    expect(plan.ports.door).not.toBe(8700);
    expect(plan.notes[0]).toContain('another part of this stack');
  });

  it('never gives one port to two listeners, whatever was used before and is busy', async () => {
    const port = fc.integer({ min: 8698, max: 8712 });
    const previous = fc.record(Object.fromEntries(PORT_NAMES.map((name) => [name, port])), {
      requiredKeys: [],
    });
    await fc.assert(
      fc.asyncProperty(previous, fc.array(port), async (before, busy) => {
        const { ports } = await planPorts({ requested: {}, previous: before }, machine(busy));
        const values = Object.values(ports);
        expect(new Set(values).size).toBe(PORT_NAMES.length);
        expect(values.filter((value) => busy.includes(value))).toEqual([]);
      }),
    );
  });
});

describe('requestedPorts', () => {
  it.each(['0', '65536', '80a', '-1', '8 0'])('refuses %j and names the variable', (value) => {
    expect(() => requestedPorts({}, { ECLUSE_PORT_ADMIN_API: value })).toThrow(
      /ECLUSE_PORT_ADMIN_API: expected a port/,
    );
  });

  it('lets a flag win over the variable', () => {
    expect(requestedPorts({ doorPort: '9001' }, { ECLUSE_PORT_DOOR: '9002' })).toEqual({ door: 9001 });
  });

  it('names variables and flags after the listener', () => {
    expect([portVariable('operatorUi'), portFlag('operatorUi')]).toEqual([
      'ECLUSE_PORT_OPERATOR_UI',
      '--operator-ui-port',
    ]);
  });
});

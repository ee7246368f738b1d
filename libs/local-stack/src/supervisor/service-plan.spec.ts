import { describe, expect, it } from '@jest/globals';
import { DEFAULT_PORTS } from './port-plan.js';
import { planServices, type ServicePlanInput } from './service-plan.js';

const access = (service: string) => ({ roleId: `role-${service}`, secretIdFile: `/s/${service}-secret-id` });
const input: ServicePlanInput = {
  ports: DEFAULT_PORTS,
  postgres: {
    services: {
      door: '/s/door',
      dispatcher: '/s/dispatcher',
      worker: '/s/worker',
      'admin-api': '/s/admin-api',
    },
    owner: '/s/owner',
    erpReport: '/s/erp-report',
  },
  vault: {
    services: {
      door: access('door'),
      dispatcher: access('dispatcher'),
      worker: access('worker'),
      'admin-api': access('admin-api'),
    },
  },
  inherited: {
    PATH: '/bin',
    ECLUSE_LOG_LEVEL: 'debug',
    ECLUSE_HOME: '/x',
    VAULT_TOKEN: 'hvs.x',
    NODE_OPTIONS: '--x',
  },
};

describe('planServices', () => {
  const launches = planServices(input);
  const [ingress, worker, admin] = launches;

  it('hands on nothing of the user but what is listed', () => {
    for (const { env } of launches) {
      expect(env).toMatchObject({ PATH: '/bin', ECLUSE_LOG_LEVEL: 'debug' });
      expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['ECLUSE_HOME']));
      expect(JSON.stringify(env)).not.toMatch(/hvs|NODE_OPTIONS|VAULT_TOKEN/);
    }
  });

  it('gives no service the access of another', () => {
    expect(JSON.stringify(ingress?.env)).not.toMatch(/worker|admin-api|owner|erp/);
    expect(JSON.stringify(worker?.env)).not.toMatch(/door|dispatcher|admin-api|owner|erp/);
    expect(JSON.stringify(admin?.env)).not.toMatch(/\/s\/door|dispatcher|worker|owner|erp/);
  });

  it('starts ingress, worker, admin API and asks each for readiness on its own port', () => {
    expect(launches.map(({ name, readyUrl }) => [name, readyUrl])).toEqual([
      ['ingress', 'http://127.0.0.1:8700/health/ready'],
      ['worker', 'http://127.0.0.1:8708/health/ready'],
      ['admin-api', 'http://127.0.0.1:8701/health/ready'],
    ]);
  });

  it('arms fault points in ingress and worker, when tests ask for it', () => {
    const inherited = { ECLUSE_FAILPOINTS: 'enabled', ECLUSE_FAILPOINT_FOLDER: '/f', ECLUSE_FAILPOINT: 'x' };
    const armed = planServices({ ...input, inherited }).map(({ env }) => [
      env['ECLUSE_FAILPOINTS'],
      env['ECLUSE_FAILPOINT_FOLDER'],
      env['ECLUSE_FAILPOINT'],
    ]);
    expect(armed).toEqual([
      ['enabled', '/f', undefined],
      ['enabled', '/f', undefined],
      [undefined, undefined, undefined],
    ]);
  });
});

import { checkSchema, type SpecFault, type ValidDocument } from '@ecluse/manifests';
import { connectorNames, connectorOf } from './connectors.js';

/** What the frame of a connection cannot say: its connector's own schema and rules, and whose credential it names. */
export function checkConnection({ tenant, spec }: ValidDocument): SpecFault[] {
  const connector = connectorOf(spec);
  if (connector === undefined) {
    const remedy = 'Name a connector of this version.';
    const expected = connectorNames().join(', ');
    return [{ pointer: '/connector', message: 'is not a connector known here', expected, remedy }];
  }
  const shape = checkSchema(connector.specSchema, spec).map(({ pointer, detail }) => ({
    ...detail,
    pointer,
  }));
  return [...checkRole(tenant, spec), ...(shape.length > 0 ? shape : connector.check(spec))];
}

/** Roles are named `<tenant>-<system>`: one tenant cannot take the credentials of another by naming its role. */
function checkRole(tenant: string, spec: ValidDocument['spec']): SpecFault[] {
  const { vault } = spec['credentials'] as { vault: { role: string } };
  if (vault.role.startsWith(`${tenant}-`)) return [];
  return [
    {
      pointer: '/credentials/vault/role',
      message: 'is not a role of this tenant',
      expected: `a name that begins with \`${tenant}-\``,
      remedy: `Create the Vault role \`${tenant}-<system>\` with its policy, and name that.`,
    },
  ];
}

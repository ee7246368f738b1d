import type { StackStatus } from '@ecluse/local-stack';
import type { Variables } from './resolve-variables.js';

/** The `local.*` variables that documents may use while the local stack runs. */
export function localVariables(status: StackStatus): Variables {
  const [host = '', port = ''] = status.endpoints.postgres.split(':');
  return { 'local.erp.host': host, 'local.erp.port': port };
}

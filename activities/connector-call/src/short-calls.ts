import type { CallStep } from '@ecluse/contracts';
import { isEcluseError } from '@ecluse/errors';
import { findTarget } from './call-target.js';
import type { ConnectorCallDeps } from './connector-call-deps.js';

/**
 * Which calls may be tried once as a local activity: those that the connector declares short and that are safe to
 * repeat, because a worker that is killed makes all local activities of its workflow task again.
 */
export function createShortCalls(deps: Pick<ConnectorCallDeps, 'connections' | 'connectors'>) {
  return {
    /** False for a target that does not exist: the call itself reports that. Throws STORE_UNAVAILABLE. */
    async isShort(tenant: string, call: CallStep['call']): Promise<boolean> {
      try {
        const { operation, repeatable } = await findTarget(deps, { run: { tenant }, call });
        return repeatable && operation.short === true;
      } catch (error) {
        if (isEcluseError(error, 'CONNECTION_UNKNOWN') || isEcluseError(error, 'CREDENTIAL_MISSING'))
          return false;
        throw error;
      }
    },
  };
}

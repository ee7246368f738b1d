import type { ConnectorCatalog } from '@ecluse/connector-call';
import type { Connector } from '@ecluse/connector-sdk';
import { WorkerConnectors } from '../connector-catalog.js';

/** The real connectors on a bad line: the answers of chosen operations are lost after the remote did its work. */
export class LossyConnectors implements ConnectorCatalog {
  readonly #real = new WorkerConnectors();
  /** Answers still to lose, by operation. */
  readonly lose = new Map<string, number>();
  /** Calls that reached the remote, by operation. */
  readonly made = new Map<string, number>();

  find(id: string): Connector | undefined {
    const real = this.#real.find(id);
    if (real === undefined) return undefined;
    const call: Connector['call'] = async (spec, operation, input, context) => {
      this.made.set(operation, (this.made.get(operation) ?? 0) + 1);
      const result = await real.call(spec, operation, input, context);
      const toLose = this.lose.get(operation) ?? 0;
      if (toLose === 0) return result;
      this.lose.set(operation, toLose - 1);
      throw new Error('the line broke');
    };
    return new Proxy(real, {
      get: (target, property) => {
        if (property === 'call') return call;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  close(): Promise<void> {
    return this.#real.close();
  }
}

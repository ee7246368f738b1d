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
  /** Items of bulk calls that reached the remote, by operation. */
  readonly madeInBulk = new Map<string, number[]>();
  /** Awaited after the remote did the work of a bulk call, before its answer gets here. */
  afterBulk: () => Promise<void> = () => Promise.resolve();

  find(id: string): Connector | undefined {
    const real = this.#real.find(id);
    if (real === undefined) return undefined;
    const call: Connector['call'] = async (spec, operation, input, context) => {
      this.made.set(operation, (this.made.get(operation) ?? 0) + 1);
      const result = await real.call(spec, operation, input, context);
      if (this.#keepsAnswer(operation)) return result;
      throw new Error('the line broke');
    };
    const callBulk: NonNullable<Connector['callBulk']> = async (spec, operation, items, context) => {
      const result = await real.callBulk?.(spec, operation, items, context);
      if (result === undefined) throw new Error('no bulk call');
      this.madeInBulk.set(operation, [...(this.madeInBulk.get(operation) ?? []), items.length]);
      await this.afterBulk();
      if ('verdict' in result || this.#keepsAnswer(operation)) return result;
      throw new Error('the line broke');
    };
    return new Proxy(real, {
      get: (target, property) => {
        if (property === 'call') return call;
        if (property === 'callBulk') return real.callBulk === undefined ? undefined : callBulk;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #keepsAnswer(operation: string): boolean {
    const toLose = this.lose.get(operation) ?? 0;
    if (toLose === 0) return true;
    this.lose.set(operation, toLose - 1);
    return false;
  }

  close(): Promise<void> {
    return this.#real.close();
  }
}

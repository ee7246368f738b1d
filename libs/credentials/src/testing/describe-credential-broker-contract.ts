import { afterEach, describe, expect, it } from '@jest/globals';
import type { CredentialBroker, CredentialLease, CredentialRef } from '../credential-broker.js';

/** What the suite needs to know about the broker under test. */
export interface BrokerUnderTest {
  broker: CredentialBroker;
  ref: CredentialRef;
  /** Whether the remote still accepts it. */
  works(lease: Pick<CredentialLease, 'leaseRef' | 'username' | 'password'>): Promise<boolean>;
  /** Resolves when a revocation that is under way has taken effect. */
  settled?(condition: () => Promise<boolean>): Promise<void>;
}

/** Every `CredentialBroker` passes this suite. */
export function describeCredentialBrokerContract(name: string, create: () => Promise<BrokerUnderTest>): void {
  describe(`credential broker contract: ${name}`, () => {
    let open: CredentialBroker | null = null;
    const start = async (): Promise<BrokerUnderTest> => {
      const subject = await create();
      open = subject.broker;
      return subject;
    };
    const gone = async (subject: BrokerUnderTest, lease: CredentialLease): Promise<void> => {
      const condition = async (): Promise<boolean> => !(await subject.works(lease));
      await subject.settled?.(condition);
      expect(await condition()).toBe(true);
    };
    afterEach(async () => {
      await open?.close();
    });

    it('refuses a lease after close', async () => {
      const { broker, ref } = await start();
      await broker.close();
      await expect(broker.withLease(ref, 1000, () => Promise.resolve())).rejects.toMatchObject({
        code: 'ECL-3001',
      });
    });

    it('refuses a call that may take longer than any lease', async () => {
      const { broker, ref } = await start();
      await expect(broker.withLease(ref, 10 * 86_400_000, () => Promise.resolve())).rejects.toMatchObject({
        code: 'ECL-3005',
      });
    });

    it('gives a working credential that lasts, and names the lease by a hash', async () => {
      const subject = await start();
      await subject.broker.withLease(subject.ref, 30_000, async (lease) => {
        expect(await subject.works(lease)).toBe(true);
        expect(lease.expiresAt.getTime()).toBeGreaterThan(Date.now() + 29_000);
        expect(lease.leaseRef).toMatch(/^[0-9a-f]{64}$/);
      });
    });

    it('shares one lease between 50 uses at once and later ones', async () => {
      const { broker, ref } = await start();
      const use = (): Promise<string> =>
        broker.withLease(ref, 1000, (lease) => Promise.resolve(lease.leaseRef));
      const refs = await Promise.all(Array.from({ length: 50 }, use));
      expect(new Set([...refs, await use()]).size).toBe(1);
    });

    it('passes result and error of the use through', async () => {
      const { broker, ref } = await start();
      expect(await broker.withLease(ref, 1000, () => Promise.resolve(7))).toBe(7);
      const failure = new Error('remote said no');
      await expect(broker.withLease(ref, 1000, () => Promise.reject(failure))).rejects.toBe(failure);
    });

    it('takes a fresh lease after invalidate, and leaves the old one to its users until they are done', async () => {
      const subject = await start();
      const { broker, ref } = subject;
      const old = await broker.withLease(ref, 1000, async (first) => {
        broker.invalidate(first.leaseRef);
        await broker.withLease(ref, 1000, (second) => {
          expect(second.leaseRef).not.toBe(first.leaseRef);
          return Promise.resolve();
        });
        expect(await subject.works(first)).toBe(true);
        return first;
      });
      await gone(subject, old);
    });

    it('close revokes what is held', async () => {
      const subject = await start();
      const lease = await subject.broker.withLease(subject.ref, 1000, (held) => Promise.resolve(held));
      await subject.broker.close();
      await gone(subject, lease);
    });
  });
}

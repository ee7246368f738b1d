import { describeCredentialBrokerContract, MemoryCredentialBroker } from './index.js';

describeCredentialBrokerContract('in memory', () => {
  const broker = new MemoryCredentialBroker();
  return Promise.resolve({
    broker,
    ref: { tenant: 'acme', connection: 'erp', engine: 'database', mount: 'database', role: 'acme-erp' },
    works: ({ leaseRef }) => Promise.resolve(!broker.revoked.has(leaseRef)),
  });
});

import { randomUUID } from 'node:crypto';
import type { Deal } from '../floors/bare-worker/deal.js';

/** A won deal of its own customer with two lines; about 500 bytes as a delivery. */
export function newDeal(): Deal {
  const id = randomUUID();
  return {
    id,
    currency: 'EUR',
    company: { id: `company-${id}`, name: 'Bench Basin AG', email: 'buyer@bench-basin.example' },
    items: [
      { id: '1', sku: 'PUMP-20', quantity: 2, price: '450.00' },
      { id: '2', sku: 'SERVICE-1', quantity: 1, price: '960.00' },
    ],
  };
}

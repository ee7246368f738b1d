/** The body of a benchmark delivery, as far as both sides of the comparison use it. */
export interface Deal {
  /** Unique in a run of the benchmark; the sink counts by it. */
  id: string;
  currency: string;
  company: { id: string; name: string; email: string };
  items: { id: string; sku: string; quantity: number; price: string }[];
}

/** A deal of its own customer with two lines; about 500 bytes as a delivery. */
export function newDeal(id: string): Deal {
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

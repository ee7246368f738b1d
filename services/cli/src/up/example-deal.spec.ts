import { describe, expect, it } from '@jest/globals';
import { freshDeal } from './example-deal.js';

const file = JSON.stringify({
  type: 'deal.won',
  deal: {
    id: '2001',
    items: [
      { quantity: 2, price: '1200.00' },
      { quantity: 3, price: '0.1' },
    ],
  },
});

describe('freshDeal', () => {
  it('makes another deal with the same content', () => {
    const deal = freshDeal(file, 'x7');
    expect(JSON.parse(deal.body)).toMatchObject({ type: 'deal.won', deal: { id: '2001-x7' } });
    expect(deal.orderExternalId).toBe('deal-2001-x7');
  });

  it('adds up without losing a cent', () => {
    expect(freshDeal(file, 'x').expectedTotal).toBe('2400.30');
  });
});

/** A deal of the example, made unique, so that every start shows a fresh effect. */
export interface ExampleDeal {
  readonly body: string;
  /** `external_id` of the order that the flow makes from it. */
  readonly orderExternalId: string;
  /** What the order must come to, with two decimals. */
  readonly expectedTotal: string;
}

interface DealBody {
  readonly deal: {
    readonly id: string;
    readonly items: readonly { readonly quantity: number; readonly price: string }[];
  };
}

/** Gives the deal in the text of a delivery file the id `<id>-<suffix>`. Cents are added up as integers. */
export function freshDeal(file: string, suffix: string): ExampleDeal {
  const original = JSON.parse(file) as DealBody;
  const id = `${original.deal.id}-${suffix}`;
  const body = JSON.stringify({ ...original, deal: { ...original.deal, id } });
  const cents = original.deal.items.reduce(
    (sum, item) => sum + BigInt(item.quantity) * toCents(item.price),
    0n,
  );
  const digits = cents.toString().padStart(3, '0');
  return { body, orderExternalId: `deal-${id}`, expectedTotal: `${digits.slice(0, -2)}.${digits.slice(-2)}` };
}

function toCents(price: string): bigint {
  const [whole = '0', fraction = ''] = price.split('.');
  return BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0').slice(0, 2));
}

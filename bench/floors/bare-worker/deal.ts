/** The example's delivery body, as far as both sides of the comparison use it. */
export interface Deal {
  id: string;
  currency: string;
  company: { id: string; name: string; email: string };
  items: { id: string; sku: string; quantity: number; price: string }[];
}

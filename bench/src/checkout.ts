import { fileURLToPath } from 'node:url';

/** Root of the checkout; this file runs from `bench/dist/src`. */
export const checkout = fileURLToPath(new URL('../../../', import.meta.url));

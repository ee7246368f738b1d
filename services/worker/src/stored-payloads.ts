import type { EffectOutputs } from '@ecluse/connector-call';
import type { JsonValue } from '@ecluse/contracts';
import { bodyAad, effectAad, tenantKeyName, type Sealer } from '@ecluse/payload-crypto';
import type { SealedBytes } from '@ecluse/storage';

/** Opens the stored body of a delivery. */
export function bodyOpener(sealer: Sealer) {
  return (tenant: string, deliveryId: string, body: SealedBytes): Promise<Buffer> =>
    sealer.open(body, bodyAad(tenant, deliveryId));
}

/** Seals and opens what confirmed effects returned. */
export function effectOutputs(sealer: Sealer): EffectOutputs {
  return {
    seal: ({ tenant, idempotencyKey }, output) =>
      sealer.seal(
        tenantKeyName(tenant),
        Buffer.from(JSON.stringify(output)),
        effectAad(tenant, idempotencyKey),
      ),
    open: async ({ tenant, idempotencyKey }, sealed) => {
      const plain = await sealer.open(sealed, effectAad(tenant, idempotencyKey));
      return JSON.parse(plain.toString('utf8')) as JsonValue;
    },
  };
}

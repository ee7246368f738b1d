import type { BatchOutputs, OutputsByRun } from '@ecluse/batch-run';
import type { EffectOutputs } from '@ecluse/connector-call';
import type { JsonValue } from '@ecluse/contracts';
import { batchAad, bodyAad, effectAad, tenantKeyName, type Sealer } from '@ecluse/payload-crypto';
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

/** Seals and opens what later steps of a batch read. */
export function batchOutputs(sealer: Sealer): BatchOutputs {
  return {
    seal: ({ tenant, batchId }, stepId, outputs) =>
      sealer.seal(
        tenantKeyName(tenant),
        Buffer.from(JSON.stringify(outputs)),
        batchAad(tenant, batchId, stepId),
      ),
    open: async ({ tenant, batchId }, stepId, sealed) => {
      const plain = await sealer.open(sealed, batchAad(tenant, batchId, stepId));
      return JSON.parse(plain.toString('utf8')) as OutputsByRun;
    },
  };
}

import type { PutOptions } from '@ecluse/storage';
import type { ApplyRequestDto } from '../documents/documents.dto.js';
import { readIfMatch } from './precondition.js';

/**
 * What a PUT expects to find. A dry run writes nothing, so it needs no If-Match: `current` stands in for it.
 */
export function putOptions(
  request: ApplyRequestDto,
  ifMatch: string | undefined,
  current: number | undefined,
): PutOptions {
  const expected = readIfMatch(ifMatch);
  if (request.dryRun === true) return { expectedVersion: expected ?? current ?? null, dryRun: true };
  return { expectedVersion: expected ?? null };
}

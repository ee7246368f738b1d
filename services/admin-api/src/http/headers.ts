import type { ApiHeaderOptions } from '@nestjs/swagger';

export const IF_MATCH: ApiHeaderOptions = {
  name: 'If-Match',
  required: false,
  description: 'ETag last read. Required when the resource exists (428 without, 412 when it has changed).',
};
export const OPTIONAL_IF_MATCH: ApiHeaderOptions = {
  name: 'If-Match',
  required: false,
  description: 'ETag last read; checked when sent (412 when it has changed).',
};
export const IDEMPOTENCY_KEY: ApiHeaderOptions = {
  name: 'Idempotency-Key',
  required: true,
  description:
    '1 to 255 visible ASCII characters. The same request under the same key is answered from memory for 24 h.',
};

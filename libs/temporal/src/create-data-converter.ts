import { fileURLToPath } from 'node:url';
import type { DataConverter, PayloadCodec } from '@temporalio/common';

/** Module that exports `failureConverter`; a path because Temporal loads converters with `require()`. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL('../failure-converter.cjs', import.meta.url));

/**
 * Data converter of every client and worker of the product: payloads through `codec`, messages and stack traces of
 * failures too. What stays readable in Temporal: ids, names, failure types, search attributes, headers, identities.
 * The workflow bundle needs none of it.
 */
export function createDataConverter(codec: PayloadCodec): DataConverter {
  return { payloadCodecs: [codec], failureConverterPath: FAILURE_CONVERTER_PATH };
}

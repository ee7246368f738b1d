import { SEARCH_ATTRIBUTES } from '@ecluse/contracts';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';

/** Keys of a run's search attributes. Plaintext in Temporal: names and ids only. */
export const SEARCH_ATTRIBUTE_KEYS = {
  tenant: defineSearchAttributeKey(SEARCH_ATTRIBUTES.tenant, 'KEYWORD'),
  flow: defineSearchAttributeKey(SEARCH_ATTRIBUTES.flow, 'KEYWORD'),
  flowVersion: defineSearchAttributeKey(SEARCH_ATTRIBUTES.flowVersion, 'INT'),
  replayOf: defineSearchAttributeKey(SEARCH_ATTRIBUTES.replayOf, 'KEYWORD'),
} as const;

/** What a run is found by in Temporal. */
export function searchAttributesOf(run: {
  tenant: string;
  flow: string;
  flowVersion: number;
  replayOf: string | null;
}): SearchAttributePair[] {
  return [
    { key: SEARCH_ATTRIBUTE_KEYS.tenant, value: run.tenant },
    { key: SEARCH_ATTRIBUTE_KEYS.flow, value: run.flow },
    { key: SEARCH_ATTRIBUTE_KEYS.flowVersion, value: run.flowVersion },
    ...(run.replayOf === null ? [] : [{ key: SEARCH_ATTRIBUTE_KEYS.replayOf, value: run.replayOf }]),
  ];
}

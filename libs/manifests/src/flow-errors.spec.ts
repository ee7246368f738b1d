import { describe, expect, it } from '@jest/globals';
import type { DocumentKind } from './parse-document.js';
import { DOCUMENTS, lines, publish, refusalOf } from './testing/documents.js';

/** A part of the good document, what it becomes, and every line that its author reads: place, code, fault | expected | remedy. */
type Golden = [kind: DocumentKind, from: string, to: string, expected: string[]];

describe('what the author of a bad document reads', () => {
  it.each<[DocumentKind]>([['Flow']])('nothing about a good %s', async (kind) => {
    await expect(publish(kind, DOCUMENTS[kind])).resolves.toBeUndefined();
  });

  it.each<Golden>([
    [
      'Flow',
      'kind: Flow',
      'kind: Flw',
      [
        'flow.yaml:2:7 ECL-5001 is not the kind of this request | Flow | Correct the lines that `errors` names.',
      ],
    ],
    [
      'Flow',
      'ecluse/v1',
      'ecluse/v2',
      [
        'flow.yaml:1:13 ECL-5001 is not the apiVersion of this request | ecluse/v1 | Correct the lines that `errors` names.',
      ],
    ],
    [
      'Flow',
      'name: deal-won-to-order',
      'name: Deal',
      [
        'flow.yaml:4:9 ECL-5001 does not have the form needed here | a lower-case letter, then a-z, 0-9 or -, at most 63 characters, not ending in - | Correct the value.',
      ],
    ],
    [
      'Flow',
      'tenant: acme',
      'tenant: globex',
      [
        'flow.yaml:5:11 ECL-5006 is not the tenant of this request | acme | Use a key of that tenant, or correct `metadata.tenant`.',
      ],
    ],
    [
      'Flow',
      'steps:\n    - id: customer',
      'step:\n    - id: customer',
      [
        'flow.yaml:10:3 ECL-5001 `step` is not a field here | on, order, batch, steps, onFailure | Did you mean `steps`?',
      ],
    ],
    [
      'Flow',
      '  onFailure:',
      '  input: { schema: deal.json }\n  onFailure:',
      [
        'flow.yaml:34:3 ECL-5001 `input` is not part of this version | on, order, batch, steps, onFailure | Remove it; a later version brings it.',
      ],
    ],
    [
      'Flow',
      '  onFailure:',
      '  order: { by: "$.deal[0]" }\n  onFailure:',
      [
        'flow.yaml:34:16 ECL-5001 does not have the form needed here | names of fields of the body, joined by dots, for example deal.id: no expression, no index | Correct the value.',
      ],
    ],
    [
      'Flow',
      '  onFailure:',
      '  order: { by: deal.id, onFailure: retry }\n  onFailure:',
      [
        'flow.yaml:34:36 ECL-5001 is not one of the values possible here | block, park, skip, latest | Correct the value.',
      ],
    ],
    [
      'Flow',
      '  onFailure:',
      '  order: { sequence: deal.version }\n  onFailure:',
      ['flow.yaml:34:10 ECL-5001 `by` is missing | `by` | Add `by`.'],
    ],
    [
      'Flow',
      '  onFailure:',
      '  order: { by: deal.id }\n  batch: { max: 100 }\n  onFailure:',
      [
        'flow.yaml:35:17 ECL-5001 asks for batches in a flow with `order` | an ordered flow runs one delivery after the other | Remove `batch`, or remove `order`.',
      ],
    ],
    [
      'Flow',
      '  onFailure:',
      '  batch: { max: 501 }\n  onFailure:',
      ['flow.yaml:34:17 ECL-5001 must be <= 500 | a whole number from 1 to 500 | Correct the value.'],
    ],
    [
      'Flow',
      '  onFailure:',
      '  batch: { within: 61s }\n  onFailure:',
      ['flow.yaml:34:20 ECL-5001 is out of range | 1ms to 1m | Use a duration from 1ms to 1m.'],
    ],
    [
      'Flow',
      '  onFailure:',
      '  batch: { max: 1, within: 1s }\n  onFailure:',
      [
        'flow.yaml:34:28 ECL-5001 waits for company that `max: 1` rules out | `within` together with a `max` from 2 to 500 | Raise `max`, or remove `within`.',
      ],
    ],
    [
      'Flow',
      '      retry:',
      '      compensate: {}\n      retry:',
      [
        'flow.yaml:33:7 ECL-5001 `compensate` is not part of this version | id, call, retry | Remove it; a later version brings it.',
      ],
    ],
    [
      'Flow',
      '- id: customer\n      call:',
      '- id: customer\n      cal:',
      [
        'flow.yaml:12:7 ECL-5001 `cal` is not a field here | id, call, map, choose, otherwise, retry | Did you mean `call`?',
      ],
    ],
    [
      'Flow',
      '- id: customer\n      call:',
      '- id: customer\n      forEach:',
      [
        'flow.yaml:12:7 ECL-5001 `forEach` is not part of this version | id, call, map, choose, otherwise, retry | Remove it; a later version brings it.',
      ],
    ],
    [
      'Flow',
      'id: large',
      'id: customer',
      [
        'flow.yaml:20:11 ECL-5001 step id `customer` is used twice | ids that are unique in the flow, branches included | Rename one of the two; idempotency keys derive from step ids.',
      ],
    ],
    [
      'Flow',
      'source: crm-deals',
      'source: crm-deal',
      [
        'flow.yaml:8:13 ECL-5004 source `crm-deal` is not defined | a source of this tenant | Did you mean `crm-deals`?',
      ],
    ],
    [
      'Flow',
      'connection: erp',
      'connection: erpp',
      [
        'flow.yaml:13:21 ECL-5004 connection `erpp` is not defined | a connection of this tenant | Did you mean `erp`?',
      ],
    ],
    [
      'Flow',
      'party.upsert',
      'party.upsrt',
      [
        'flow.yaml:14:20 ECL-5004 operation `party.upsrt` is not defined by the connection | party.upsert, party.find, party.create, salesOrder.upsert | Did you mean `party.upsert`?',
      ],
    ],
    [
      'Flow',
      'party.upsert',
      'party.create',
      [
        'flow.yaml:14:20 ECL-5005 operation `party.create` writes and says nothing about repeated calls | `idempotency` on the operation | Declare `idempotency: { kind: external_id, field: … }`, or `{ kind: none, onAmbiguous: park }`.',
      ],
    ],
    [
      'Flow',
      "'deal.won'",
      "'deal.won",
      [
        'flow.yaml:9:28 ECL-5003 String literal must be terminated by a matching quote | a JSONata expression | See https://docs.jsonata.org for the language.',
      ],
    ],
    [
      'Flow',
      'deal.company.id,',
      'deal.company.id',
      [
        'flow.yaml:18:14 ECL-5003 Expected "}", got "name" | a JSONata expression | See https://docs.jsonata.org for the language.',
      ],
    ],
    [
      'Flow',
      'deal.company.name',
      '$now()',
      [
        'flow.yaml:18:21 ECL-5003 $now is refused: a replay would compute something else | a result that the input decides | Take the time from $delivery.receivedAt, or the value from the delivery.',
      ],
    ],
    [
      'Flow',
      "& '-1'",
      '& $foo',
      [
        'flow.yaml:27:19 ECL-5003 $foo is neither a function of JSONata nor a variable of this expression | $steps, $delivery, a function of JSONata, or a variable assigned with := | Correct the name, or write `foo` without $ for a field of the input.',
      ],
    ],
    [
      'Flow',
      '"{ \'partyId\': $steps.customer.id }"',
      '"{ \\"partyId\\": $steps.custommer.id }"',
      [
        'flow.yaml:32:38 ECL-5004 `$steps.custommer` is not a step that has run by then | customer, order-line, large | Did you mean `customer`?',
      ],
    ],
    [
      'Flow',
      '$steps.customer.id }',
      '$steps.order-line.id }',
      [
        'flow.yaml:32:36 ECL-5004 `$steps.order` is not a step that has run by then | customer, order-line, large | Write ids with a hyphen in backquotes: $steps.`order-line`.',
      ],
    ],
    [
      'Flow',
      'deal.amount > 1000',
      '$steps.order.id = 1',
      [
        'flow.yaml:22:24 ECL-5004 `$steps.order` is not a step that has run by then | customer | Use a step that comes before.',
      ],
    ],
    [
      'Flow',
      'first: 1s',
      'first: 1 s',
      [
        'flow.yaml:33:36 ECL-5001 does not have the form needed here | a whole number and ms, s, m, h or d, for example 500ms, 10s, 24h | Correct the value.',
      ],
    ],
    [
      'Flow',
      'first: 1s',
      'first: 2d',
      ['flow.yaml:33:36 ECL-5001 is out of range | 100ms to 24h | Use a duration from 100ms to 24h.'],
    ],
    [
      'Flow',
      'attempts: 5',
      'attempts: 0',
      ['flow.yaml:33:26 ECL-5001 must be >= 1 | undefined | Correct the value.'],
    ],
    [
      'Flow',
      'deadLetter: true',
      'deadLetter: false',
      ['flow.yaml:34:28 ECL-5001 is not the value needed here | true | Correct the value.'],
    ],
    [
      'Flow',
      'source: crm-deals',
      'schedule: daily',
      [
        'flow.yaml:8:5 ECL-5001 `schedule` is not part of this version | source, when | Remove it; a later version brings it.',
      ],
    ],
    [
      'Flow',
      '    - id: order\n',
      '    - id: order\n      id: again\n',
      ['flow.yaml:29:7 ECL-5002 Map keys must be unique | undefined | Correct the syntax.'],
    ],
    [
      'Flow',
      'spec:\n',
      'spec:\n\tx: 1\n',
      ['flow.yaml:7:1 ECL-5002 Tabs are not allowed as indentation | undefined | Correct the syntax.'],
    ],
    [
      'Flow',
      'apiVersion',
      '---\na: 1\n---\napiVersion',
      [
        'flow.yaml:3:1 ECL-5002 holds several documents | one document per file | Put each document in a file of its own.',
      ],
    ],
  ])('%s: %j -> %j', async (kind, from, to, expected) => {
    const text = DOCUMENTS[kind].replace(from, () => to);
    expect(text).not.toBe(DOCUMENTS[kind]);
    expect(lines(await refusalOf(() => publish(kind, text)))).toEqual(expected);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { DocumentKind } from './parse-document.js';
import { DOCUMENTS, lines, publish, refusalOf } from './testing/documents.js';

/** A part of the good document, what it becomes, and every line that its author reads: place, code, fault | expected | remedy. */
type Golden = [kind: DocumentKind, from: string, to: string, expected: string[]];

describe('what the author of a bad document reads', () => {
  it.each<[DocumentKind]>([['Source'], ['Connection']])('nothing about a good %s', async (kind) => {
    await expect(publish(kind, DOCUMENTS[kind])).resolves.toBeUndefined();
  });

  it.each<Golden>([
    [
      'Source',
      'provider: standard-webhooks',
      'provider: nobody',
      [
        'source.yaml:6:17 ECL-5001 is not one of the values possible here | standard-webhooks, github, stripe, hmac, hmac-timestamp, bearer | Correct the value.',
      ],
    ],
    [
      'Source',
      'provider: standard-webhooks',
      'kind: jwt',
      [
        'source.yaml:6:13 ECL-5001 `jwt` is not part of this version | mac, static | Use one of these; a later version brings it.',
      ],
    ],
    [
      'Source',
      'type: prefix, prefix: v0=',
      'type: prefx',
      [
        'source.yaml:10:71 ECL-5001 is not one of the values possible here | plain, prefix, kv, list, numberedHeaders | Correct the value.',
      ],
    ],
    [
      'Source',
      'type: prefix, prefix: v0=',
      "type: kv, sep: ','",
      ['source.yaml:10:63 ECL-5001 `param` is missing | `param` | Add `param`.'],
    ],
    [
      'Source',
      'content: [body]',
      'content: [{ header: X-Id }]',
      [
        'source.yaml:11:27 ECL-5001 does not have the form needed here | a header name in lower case | Correct the value.',
      ],
    ],
    [
      'Source',
      'algorithm: sha256',
      'algoritm: sha256',
      [
        'source.yaml:8:7 ECL-5001 `algoritm` is not a field here | kind, legacy, algorithm, secret, signature, timestamp, id, content | Did you mean `algorithm`?',
      ],
    ],
    [
      'Source',
      'header: webhook-id',
      'header: webhook-id\n        bodyPointer: /id',
      ['source.yaml:14:9 ECL-5001 must NOT have more than 1 properties | undefined | Correct the value.'],
    ],
    [
      'Source',
      'maxBody: 65536',
      'maxBody: 64k',
      ['source.yaml:16:14 ECL-5001 has the wrong type | integer | Correct the value.'],
    ],
    [
      'Source',
      'maxBody: 65536',
      'maxBdy: 1',
      [
        'source.yaml:16:5 ECL-5001 `maxBdy` is not a field here | maxBody, contentTypes, maxDepth, maxTokens, maxKeyLength | Did you mean `maxBody`?',
      ],
    ],
    [
      'Source',
      '  dedupe:',
      '  fanOut: {}\n  dedupe:',
      [
        'source.yaml:12:3 ECL-5001 `fanOut` is not part of this version | auth, dedupe, limits | Remove it; a later version brings it.',
      ],
    ],
    [
      'Source',
      'spec:\n',
      'spec:\n  __proto__: {}\n',
      ['source.yaml:5:3 ECL-5002 `__proto__` is not allowed as a key | another key | Remove it.'],
    ],
    [
      'Connection',
      'effect: upsert',
      'effect: upset',
      [
        'connection.yaml:11:15 ECL-5001 is not one of the values possible here | read, create, update, upsert, delete, transition | Correct the value.',
      ],
    ],
    [
      'Connection',
      'kind: external_id',
      'kind: externalId',
      [
        'connection.yaml:12:28 ECL-5001 is not one of the values possible here | natural, external_id, none | Correct the value.',
      ],
    ],
    [
      'Connection',
      '{ kind: external_id, field: externalId }',
      '{ kind: none }',
      ['connection.yaml:12:20 ECL-5001 `onAmbiguous` is missing | `onAmbiguous` | Add `onAmbiguous`.'],
    ],
    [
      'Connection',
      'role: acme-erp',
      'role: Acme',
      [
        'connection.yaml:8:55 ECL-5001 does not have the form needed here | a-z, 0-9 or -, at most 63 characters | Correct the value.',
      ],
    ],
    [
      'Connection',
      'party.upsert:',
      'Party.Upsert:',
      [
        'connection.yaml:10:5 ECL-5001 is not a name possible here | words that begin in lower case, joined by dots, for example salesOrder.upsert | Rename it.',
      ],
    ],
    [
      'Connection',
      'engine: database, ',
      '',
      ['connection.yaml:8:12 ECL-5001 `engine` is missing | `engine` | Add `engine`.'],
    ],
  ])('%s: %j -> %j', async (kind, from, to, expected) => {
    const text = DOCUMENTS[kind].replace(from, () => to);
    expect(text).not.toBe(DOCUMENTS[kind]);
    expect(lines(await refusalOf(() => publish(kind, text)))).toEqual(expected);
  });
});

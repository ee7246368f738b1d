import { writeFileSync } from 'node:fs';
import { DOCUMENT_KINDS } from '../parse-document.js';
import { SCHEMAS } from '../read-document.js';

/** Writes docs/reference/schemas; run it through `npm run schemas -w @ecluse/manifests` after a change of a schema. */
for (const kind of DOCUMENT_KINDS) {
  const path = new URL(`../../../../docs/reference/schemas/${kind.toLowerCase()}.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify(SCHEMAS[kind], null, 2)}\n`);
}

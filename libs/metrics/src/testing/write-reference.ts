import { writeFile } from 'node:fs/promises';
import { renderReference } from '../render-reference.js';

await writeFile(new URL('../../../../docs/reference/metrics.md', import.meta.url), renderReference());

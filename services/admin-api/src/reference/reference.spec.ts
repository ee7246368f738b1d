import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ERRORS } from '@ecluse/errors';
import { REFERENCE_FILES } from './reference-files.js';
import { renderOpenApi } from './render-openapi.js';

/** Layout is the formatter's; words are ours. */
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

describe('reference pages', () => {
  it.each(REFERENCE_FILES.map((file) => [file.path.pathname.split('/').pop(), file] as const))(
    '%s says what the code says; else run `npm run reference -w @ecluse/admin-api`',
    async (name, { path, render }) => {
      const committed = readFileSync(path, 'utf8');
      const rendered = await render();
      if (name?.endsWith('.json') === true) expect(JSON.parse(committed)).toEqual(JSON.parse(rendered));
      else expect(words(committed)).toEqual(words(rendered));
    },
  );

  it('names each error code once, and none that does not exist', () => {
    const page = readFileSync(new URL('../../../../docs/reference/errors.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^### (ECL-\d{4}) /gm)].map((match) => match[1]);
    expect(documented.toSorted()).toEqual(
      Object.values(ERRORS)
        .map(({ code }) => code)
        .toSorted(),
    );
  });

  it('documents an access, a success and problems for every operation', async () => {
    const { paths } = JSON.parse(await renderOpenApi()) as {
      paths: Record<
        string,
        Record<string, { 'x-role'?: string; security?: unknown[]; responses: Record<string, unknown> }>
      >;
    };
    const operations = Object.values(paths).flatMap((item) => Object.values(item));
    expect(operations.length).toBeGreaterThan(25);
    for (const operation of operations) {
      expect(operation['x-role']).toMatch(/^(viewer|operator|admin)$/);
      expect(operation.security).toEqual([{ apiKey: [] }]);
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['401', expect.stringMatching(/^20\d$/)]),
      );
    }
  });
});

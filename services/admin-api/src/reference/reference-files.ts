import { renderErrors } from './render-errors.js';
import { renderOpenApi } from './render-openapi.js';

export interface ReferenceFile {
  path: URL;
  render: () => string | Promise<string>;
}

const at = (name: string): URL => new URL(`../../../../docs/reference/${name}`, import.meta.url);

/** The reference pages that are written from code. */
export const REFERENCE_FILES: ReferenceFile[] = [
  { path: at('errors.md'), render: renderErrors },
  { path: at('openapi.json'), render: renderOpenApi },
];

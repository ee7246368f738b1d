/**
 * Lets Jest's global set-ups, which run in plain Node, load the workspace's packages from source, as the specs do:
 * no build comes before a test. Touches nothing outside the workspace.
 */
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';

const workspace = pathToFileURL(`${import.meta.dirname}/../../`).href;
const swc = {
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'es6' },
  jsc: {
    target: 'es2024',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
};

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@ecluse/')) {
      return next(specifier, { ...context, conditions: ['@ecluse/source', ...context.conditions] });
    }
    if (/^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.startsWith(workspace)) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (!source.pathname.includes('/node_modules/') && existsSync(source))
        return { url: source.href, shortCircuit: true };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.startsWith(workspace) || !url.endsWith('.ts') || url.includes('/node_modules/'))
      return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { ...swc, filename });
    return { format: 'module', source: code, shortCircuit: true };
  },
});

/** A real import: Jest turns the ones in its set-up files into `require`, with a transformation of its own. */
export function importFromSource(specifier) {
  return import(specifier);
}

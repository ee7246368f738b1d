import { fileURLToPath } from 'node:url';
import type { BundleOptions } from '@temporalio/worker';

/** File that exports the workflows: a source where this file is one, else built code. */
export const workflowsPath = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './workflows.ts' : './workflows.js', import.meta.url),
);

/**
 * Bundler options that fit `workflowsPath`: sources import sources, built code imports built code. A mixture would
 * bundle two versions of a package.
 */
export function workflowBundlerOptions(): Pick<BundleOptions, 'webpackConfigHook'> {
  if (!workflowsPath.endsWith('.ts')) return {};
  return {
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, conditionNames: ['@ecluse/source', '...'] },
    }),
  };
}

import { fileURLToPath } from 'node:url';
import type { BundleOptions } from '@temporalio/worker';

/** File that exports the workflows: a source when the condition `@ecluse/source` is set, else built code. */
export const workflowsPath = fileURLToPath(import.meta.resolve('@ecluse/flow-run'));

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

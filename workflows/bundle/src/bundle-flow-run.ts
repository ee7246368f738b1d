import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowBundlerOptions, workflowsPath } from './workflow-source.js';

/** A bundle beyond this has taken in a library that does not belong into workflow code. Bytes, source map included. */
export const MAX_BUNDLE_BYTES = 2_500_000;

/** Bundles the workflows. Throws when the code uses what a workflow may not, or when the bundle is too large. */
export async function bundleFlowRun(): Promise<{ code: string }> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('WARN'),
    ...workflowBundlerOptions(),
  });
  const bytes = Buffer.byteLength(code);
  if (bytes > MAX_BUNDLE_BYTES) {
    throw new Error(
      `The workflow bundle has ${String(bytes)} bytes, more than ${String(MAX_BUNDLE_BYTES)}: see what flow-run imports.`,
    );
  }
  return { code };
}

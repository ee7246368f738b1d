/** Task queue of the floor; not part of the product's worker deployment. */
export const BARE_QUEUE = 'bench-bare';
export const BARE_WORKFLOW = 'bareDealWorkflow';

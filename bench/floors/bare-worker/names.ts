/** Task queue of the floor's worker; not part of the product's worker deployment. */
export const BARE_QUEUE = 'bench-bare';
/** Task queue that nobody polls: for the start loop of T7. */
export const UNATTENDED_QUEUE = 'bench-unattended';

/** Workflows of the floor, by the number of their remote calls. */
export const BARE_WORKFLOWS = { one: 'bareOneEffectWorkflow', two: 'bareTwoEffectsWorkflow' } as const;

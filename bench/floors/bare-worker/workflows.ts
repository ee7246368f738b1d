import { proxyActivities } from '@temporalio/workflow';
import type { BareActivities } from './activities.js';
import type { Deal } from './deal.js';

const { upsertParty, upsertOrder } = proxyActivities<BareActivities>({ startToCloseTimeout: '30s' });

/** One remote call and nothing else: no inbox, no ledger, no encryption, no lease. The floor of T1. */
export async function bareOneEffectWorkflow(deal: Deal): Promise<string> {
  return upsertParty(deal);
}

/** The same two remote calls as the flow with two effects, in two normal activities. The floor of T2. */
export async function bareTwoEffectsWorkflow(deal: Deal): Promise<string> {
  const partyId = await upsertParty(deal);
  return upsertOrder(deal, partyId);
}

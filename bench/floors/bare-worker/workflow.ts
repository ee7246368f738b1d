import { proxyActivities } from '@temporalio/workflow';
import type { Deal } from './deal.js';
import type { BareActivities } from './activities.js';

const { upsertParty, upsertOrder } = proxyActivities<BareActivities>({ startToCloseTimeout: '30s' });

/** The same two remote calls as the example flow, and nothing else: no inbox, no ledger, no encryption, no lease. */
export async function bareDealWorkflow(deal: Deal): Promise<string> {
  const partyId = await upsertParty(deal);
  return upsertOrder(deal, partyId);
}

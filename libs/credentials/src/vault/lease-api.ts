import { createHash } from 'node:crypto';
import { EcluseError } from '@ecluse/errors';
import type { VaultClient } from '@ecluse/vault';
import type { CredentialRef } from '../credential-broker.js';
import type { GrantedLease } from './held-lease.js';

/** Creating a user runs SQL in the target database. */
const CREATE_TIMEOUT_MS = 10_000;
const RENEW_TIMEOUT_MS = 5000;
const REVOKE_TIMEOUT_MS = 2000;

/**
 * Takes a lease. Not repeated when its outcome is unknown: each success makes a user.
 * Throws VAULT_UNAVAILABLE, VAULT_DENIED, CREDENTIAL_MISSING, VAULT_MISUSED.
 */
export async function takeLease(vault: VaultClient, ref: CredentialRef): Promise<GrantedLease> {
  // The role's name begins with its tenant, so that a connection of one tenant cannot name the role of another.
  if (!ref.role.startsWith(`${ref.tenant}-`)) {
    throw new EcluseError('VAULT_DENIED', {
      detail: `role ${ref.role} does not belong to tenant ${ref.tenant}`,
    });
  }
  const path = [ref.mount, 'creds', ref.role];
  const answer = await vault.read(path, { timeoutMs: CREATE_TIMEOUT_MS, idempotent: false });
  const { username, password } = answer.data ?? {};
  const { lease_id: leaseId, lease_duration: seconds } = answer;
  if (
    leaseId === undefined ||
    seconds === undefined ||
    typeof username !== 'string' ||
    typeof password !== 'string'
  ) {
    throw new EcluseError('VAULT_MISUSED', { detail: `${path.join('/')} gave no lease` });
  }
  return {
    leaseId,
    leaseRef: createHash('sha256').update(leaseId).digest('hex'),
    username,
    password,
    ttlMs: seconds * 1000,
    renewable: answer.renewable === true,
    tokenEpoch: answer.tokenEpoch ?? vault.tokenEpoch().epoch,
  };
}

export async function renewLease(
  vault: VaultClient,
  lease: GrantedLease,
): Promise<{ ttlMs: number; renewable: boolean }> {
  const body = { lease_id: lease.leaseId, increment: Math.ceil(lease.ttlMs / 1000) };
  const answer = await vault.write(['sys', 'leases', 'renew'], body, {
    timeoutMs: RENEW_TIMEOUT_MS,
    idempotent: true,
  });
  return { ttlMs: (answer.lease_duration ?? 0) * 1000, renewable: answer.renewable === true };
}

/** @param sync Wait until the user is gone; otherwise Vault does it in its own time. Always sent: its default is true. */
export async function revokeLease(vault: VaultClient, lease: GrantedLease, sync: boolean): Promise<void> {
  const body = { lease_id: lease.leaseId, sync };
  await vault.write(['sys', 'leases', 'revoke'], body, { timeoutMs: REVOKE_TIMEOUT_MS, idempotent: true });
}

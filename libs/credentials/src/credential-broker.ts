/** Which credential, for which use. Tenant and connection come from the run, never from a payload. */
export interface CredentialRef {
  tenant: string;
  connection: string;
  /** Vault role of the database engine, e.g. `acme-erp`; read at `<mount>/creds/<role>`. */
  engine: 'database';
  mount: string;
  role: string;
}
/** A short-lived secret. Lives only inside one activity; never returned, logged or thrown. */
export interface CredentialLease {
  /** SHA-256, hex, of Vault's lease id: what may be stored and shown. */
  leaseRef: string;
  /** Name of the user that Vault made. */
  username: string;
  password: string;
  /** Earliest bound: lease, issuing token, maximum use age. */
  expiresAt: Date;
}
export interface CredentialBroker {
  /**
   * Runs `use` with a lease that stays valid for at least `needForMs`. Leases are shared per worker;
   * concurrent calls for the same ref take one lease. Throws VAULT_UNAVAILABLE (retry), VAULT_DENIED,
   * CREDENTIAL_MISSING (person).
   */
  withLease<T>(
    ref: CredentialRef,
    needForMs: number,
    use: (lease: CredentialLease) => Promise<T>,
  ): Promise<T>;
  /** Drops a lease that the remote refused, so that the next call takes a fresh one. */
  invalidate(leaseRef: string): void;
  /** Revokes everything held. Called once at shutdown; bounded to 3 s. */
  close(): Promise<void>;
}

/** The services that get a PostgreSQL role and a Vault AppRole of their own. */
export const SERVICES = ['door', 'dispatcher', 'worker', 'admin-api'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Database of Ecluse, and its only schema. */
export const ECLUSE_DATABASE = 'ecluse';
/** Owner of the schema: runs migrations, used by no service. */
export const OWNER_ROLE = 'ecluse_owner';
/** Database of the example ERP. */
export const ERP_DATABASE = 'erp';
/** Reads the ERP, to show people what arrived there. */
export const ERP_REPORT_ROLE = 'erp_report';
/** Makes and drops the short-lived ERP users; its password is known to Vault only. */
export const VAULT_ADMIN_ROLE = 'vault_admin';

/** PostgreSQL role of a service: `ecluse_door`, … */
export function postgresRole(service: ServiceName): string {
  return `ecluse_${service.replace('-', '_')}`;
}

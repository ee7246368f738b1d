import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { translateError, type Unavailable } from './postgres-errors.js';

/** A prepared statement: parsed and planned once per connection. */
export interface Prepared {
  name: string;
  text: string;
}

/**
 * TypeORM's own pool of a data source, for the few statements whose rate makes a query runner's cost count.
 * Throws what `unavailable` names while the data source is not connected.
 */
export function poolOf(dataSource: DataSource, unavailable: Unavailable): Pool {
  const { master } = dataSource.driver as { master?: Pool };
  if (master !== undefined && dataSource.isInitialized) return master;
  throw translateError(new Error('driver not connected'), unavailable);
}

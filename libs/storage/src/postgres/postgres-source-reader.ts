import type { DataSource } from 'typeorm';
import type { JsonObject } from '@ecluse/contracts';
import type { SourceOrder, SourceReader, StoredSource } from '../definitions.js';
import { SOURCES_CHANNEL, listenOn, type ListenTimings } from './pg-listener.js';
import { single } from './sql-session.js';

interface Row {
  tenant: string;
  name: string;
  token: string;
  spec: JsonObject;
  row_version: number;
  orders: SourceOrder[];
}

const FIND = `
SELECT s.*, coalesce((
  SELECT jsonb_agg(jsonb_build_object('by', o.order_by, 'sequence', o.order_sequence))
  FROM source_orders(s.tenant, s.name) o), '[]') AS orders
FROM source_by_token($1) s`;

/** Role `ecluse_door`, which can ask for one token at a time and cannot list sources. */
export class PostgresSourceReader implements SourceReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly timings: ListenTimings = {},
  ) {}

  async findByToken(token: string): Promise<StoredSource | undefined> {
    const [row] = await single<Row>(this.dataSource, FIND, [token]);
    if (row === undefined) return undefined;
    const { row_version: rowVersion, ...source } = row;
    return { ...source, rowVersion };
  }

  async onChange(changed: () => void): Promise<() => Promise<void>> {
    return listenOn(this.dataSource, SOURCES_CHANNEL, changed, this.timings);
  }
}

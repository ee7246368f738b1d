import type { DataSource } from 'typeorm';
import { EcluseError } from '@ecluse/errors';
import type { DepthReader, Depths } from '../depths.js';
import { single } from './sql-session.js';

/** Each part reads a partial index of what is open; none of them grows with what is done. */
const READ = `
SELECT i.*, w.*, q.*, s.*, l.*, d.*, b.*, dl.*, c.* FROM
  (SELECT count(*)::int AS "inboxReceived",
          coalesce(extract(epoch FROM now() - min(received_at)), 0)::float8 AS "inboxOldestSeconds"
   FROM inbox WHERE state = 'received') i,
  (SELECT count(*)::int AS "inboxWaiting" FROM inbox WHERE state = 'waiting') w,
  (SELECT count(*)::int AS "runsQueued", count(*) FILTER (WHERE lane_key IS NOT NULL)::int AS "laneRuns",
          coalesce(extract(epoch FROM now() - min(queued_at)), 0)::float8 AS "oldestQueuedSeconds"
   FROM runs WHERE state = 'queued') q,
  (SELECT count(*) FILTER (WHERE state = 'started')::int AS "runsStarted",
          count(*) FILTER (WHERE state = 'running')::int AS "runsRunning"
   FROM runs WHERE state IN ('started', 'running')) s,
  (SELECT count(*) FILTER (WHERE state = 'blocked')::int AS "lanesBlocked",
          count(*) FILTER (WHERE state = 'parked')::int AS "lanesParked" FROM lanes WHERE state <> 'open') l,
  (SELECT coalesce(max(n), 0)::int AS "deepestLaneRuns" FROM (
     SELECT count(*) AS n FROM runs WHERE state = 'queued' AND lane_key IS NOT NULL GROUP BY queue) x) d,
  (SELECT count(*) FILTER (WHERE state = 'formed')::int AS "batchesFormed",
          count(*) FILTER (WHERE state = 'started')::int AS "batchesStarted",
          count(*) FILTER (WHERE state = 'running')::int AS "batchesRunning"
   FROM batches WHERE state <> 'closed') b,
  (SELECT count(*)::int AS "openDeadLetters" FROM dead_letters WHERE state = 'open') dl,
  (SELECT count(*) FILTER (WHERE state = 'open')::int AS "connectionsOpen",
          count(*) FILTER (WHERE state = 'paused')::int AS "connectionsPaused" FROM connection_states) c`;

/** Role `ecluse_dispatcher`. */
export class PostgresDepths implements DepthReader {
  constructor(private readonly dataSource: DataSource) {}

  async read(): Promise<Depths> {
    const [row] = await single<Depths>(this.dataSource, READ);
    if (row === undefined) throw new EcluseError('STORE_UNAVAILABLE', { detail: 'no depths were answered' });
    return row;
  }
}

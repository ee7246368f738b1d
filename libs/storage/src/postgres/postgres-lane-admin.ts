import type { DataSource } from 'typeorm';
import type { LaneSummary, LaneView, Page } from '@ecluse/contracts';
import type { Change, PageRequest } from '../admin.js';
import type { BodyEdit, LaneAdmin, LaneFilter, LaneName, LaneRemedy } from '../lane-admin.js';
import { editBody, resumeHead, skipHead, stoppedLane, type StoppedLane } from './lane-remedies.js';
import {
  FIND_LANE,
  HEAD_LETTER,
  LIST_LANES,
  NEXT_RUNS,
  toLaneSummary,
  toLaneView,
  type LaneRow,
  type LaneRunRow,
} from './lane-views.js';
import { writeAudit } from './change-transaction.js';
import { CURSOR_SHAPES, fetchLimit, pageOf, pageStart } from './paging.js';
import { withTenant, type SqlSession } from './sql-session.js';

const ORDER_PATHS = `
SELECT DISTINCT order_by FROM flow_versions
WHERE tenant = $1 AND order_by IS NOT NULL AND ($2::text IS NULL OR flow = $2)`;

type Detail = Record<string, string | number | null>;

/** Role `ecluse_admin_api`. */
export class PostgresLaneAdmin implements LaneAdmin {
  constructor(private readonly dataSource: DataSource) {}

  async list(tenant: string, filter: LaneFilter, page: PageRequest): Promise<Page<LaneSummary>> {
    const filters = [filter.state ?? null, filter.flow ?? null, filter.laneKeys ?? null];
    const values = [tenant, ...filters, ...pageStart(page, CURSOR_SHAPES.lane), fetchLimit(page)];
    const rows = await withTenant(this.dataSource, tenant, (sql) => sql.rows<LaneRow>(LIST_LANES, values));
    return pageOf(rows, page, (row) => [row.flow, row.lane_key], toLaneSummary);
  }

  find(tenant: string, lane: LaneName): Promise<LaneView | undefined> {
    return withTenant(this.dataSource, tenant, (sql) => viewOf(sql, tenant, lane));
  }

  async orderPaths(tenant: string, flow?: string): Promise<string[]> {
    const rows = await withTenant(this.dataSource, tenant, (sql) =>
      sql.rows<{ order_by: string }>(ORDER_PATHS, [tenant, flow ?? null]),
    );
    return rows.map(({ order_by }) => order_by);
  }

  async stoppedBy(tenant: string, lane: LaneName): Promise<string> {
    const stopped = await withTenant(this.dataSource, tenant, (sql) => stoppedLane(sql, tenant, lane, {}));
    return stopped.delivery.id;
  }

  resume(tenant: string, lane: LaneName, remedy: LaneRemedy, change: Change): Promise<LaneView> {
    return this.#mend(tenant, lane, remedy, async (sql, stopped) => {
      const runId = await resumeHead(sql, stopped, remedy, change);
      const entry = { action: 'lane.resumed', resource: resourceOf(lane) };
      await audit(sql, stopped, { ...entry, detail: { runId, reason: remedy.reason } }, change);
    });
  }

  skip(
    tenant: string,
    lane: LaneName,
    remedy: LaneRemedy & { reason: string },
    change: Change,
  ): Promise<LaneView> {
    return this.#mend(tenant, lane, remedy, async (sql, stopped) => {
      await skipHead(sql, stopped, remedy, change);
      const entry = { action: 'lane.skipped', resource: resourceOf(lane) };
      await audit(sql, stopped, { ...entry, detail: { reason: remedy.reason } }, change);
    });
  }

  edit(
    tenant: string,
    lane: LaneName,
    edit: BodyEdit & LaneRemedy & { reason: string },
    change: Change,
  ): Promise<LaneView> {
    return this.#mend(tenant, lane, edit, async (sql, stopped) => {
      const editNo = await editBody(sql, stopped, edit, change);
      const runId = await resumeHead(sql, stopped, edit, change);
      const { bodySha256, bodyBytes, reason } = edit;
      const entry = { action: 'lane.edited', resource: resourceOf(lane) };
      await audit(
        sql,
        stopped,
        { ...entry, detail: { runId, editNo, bodySha256, bodyBytes, reason } },
        change,
      );
    });
  }

  async #mend(
    tenant: string,
    lane: LaneName,
    remedy: LaneRemedy,
    work: (sql: SqlSession, stopped: StoppedLane) => Promise<void>,
  ): Promise<LaneView> {
    return withTenant(this.dataSource, tenant, async (sql) => {
      const stopped = await stoppedLane(sql, tenant, lane, remedy);
      await work(sql, stopped);
      return (await viewOf(sql, tenant, lane)) ?? stopped.view;
    });
  }
}

async function viewOf(sql: SqlSession, tenant: string, lane: LaneName): Promise<LaneView | undefined> {
  const place = [tenant, lane.flow, lane.laneKey];
  const [row] = await sql.rows<LaneRow>(FIND_LANE, place);
  if (row === undefined) return undefined;
  const [letter] =
    row.head_run_id === null ? [] : await sql.rows<{ id: string }>(HEAD_LETTER, [tenant, row.head_run_id]);
  return toLaneView(row, letter?.id ?? null, await sql.rows<LaneRunRow>(NEXT_RUNS, place));
}

function resourceOf({ flow, laneKey }: LaneName): string {
  return `lane/${flow}/${laneKey}`;
}

async function audit(
  sql: SqlSession,
  { tenant, delivery, headRunId }: StoppedLane,
  entry: { action: string; resource: string; detail: Detail },
  change: Change,
): Promise<void> {
  const detail = { deliveryId: delivery.id, headRunId, ...entry.detail };
  await writeAudit(sql, tenant, { ...entry, detail }, change);
}

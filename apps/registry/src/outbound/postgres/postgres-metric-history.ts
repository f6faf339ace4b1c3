import type { Int64 } from '../../core/int64.js';
import { MetricHistory, type MetricPoint, type RunPoint } from '../../core/metric-history.js';
import type { RegistryDatabase } from './registry-database.js';

/** Rows as arrays of text, untouched by the driver: 25,000 points are a page. */
const raw = { rowMode: 'array', types: { getTypeParser: () => (text: string) => text } } as const;

type PointRow = [timestamp: string, step: string, value: string];
type RunPointRow = [runId: string, ...PointRow];

/**
 * MLflow keeps NaN as zero with a mark, and so it sorts among the points of one moment. The index has the moments in order;
 * only points of the same moment are left to be sorted.
 */
const VALUE_ORDER = `case when value = 'NaN' then 0 else value end, value`;
const BEFORE_ALL: PointRow = ['-9223372036854775808', '-9223372036854775808', '-Infinity'];

export class PostgresMetricHistory extends MetricHistory {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  async page(
    runId: string,
    key: string,
    { after, limit }: { after?: MetricPoint; limit: number },
  ): Promise<MetricPoint[]> {
    const from = after === undefined ? BEFORE_ALL : [after.timestamp, after.step, after.value];
    const rows = await this.database.prepared<PointRow>({
      ...raw,
      name: 'metric-history',
      text: `select timestamp, step, value from registry.run_metrics
        where run_id = $1 and key = $2 and (timestamp, step) >= ($3::bigint, $4::bigint)
          and (timestamp, step, ${VALUE_ORDER})
            > ($3, $4, case when $5::double precision = 'NaN' then 0 else $5::double precision end, $5::double precision)
        order by timestamp, step, ${VALUE_ORDER} limit $6`,
      values: [runId, key, ...from, limit],
    });
    return rows.map(([timestamp, step, value]) => ({ timestamp, step, value }));
  }

  async ofRuns(runIds: readonly string[], key: string, limit: number): Promise<RunPoint[]> {
    const rows = await this.database.prepared<RunPointRow>({
      ...raw,
      name: 'metric-history-of-runs',
      text: `select run_id, timestamp, step, value from registry.run_metrics where run_id = any($1::text[]) and key = $2
        order by run_id, timestamp, step, ${VALUE_ORDER} limit $3`,
      values: [runIds, key, limit],
    });
    return rows.map(runPoint);
  }

  /** As MLflow does it: as many buckets of even size as points are wanted, the first point of each, and the very last. */
  async sampled(
    runIds: readonly string[],
    key: string,
    { limit, steps }: { limit: number; steps?: { from: Int64; to: Int64 } },
  ): Promise<RunPoint[]> {
    const rows = await this.database.prepared<RunPointRow>({
      ...raw,
      name: 'metric-history-sampled',
      text: `with wanted as (select run_id, place from unnest($1::text[]) with ordinality as given (run_id, place)),
        numbered as (
          select wanted.place, m.run_id, m.timestamp, m.step, m.value,
            row_number() over in_order as at, count(*) over (partition by wanted.place) as total,
            ntile($3::int) over in_order as bucket
          from wanted join registry.run_metrics m using (run_id)
          where m.key = $2 and ($4::bigint is null or m.step between $4 and $5)
          window in_order as (partition by wanted.place
            order by m.step, m.timestamp, ${VALUE_ORDER})
        ),
        bounded as (select *, lag(bucket) over (partition by place order by at) as before from numbered)
        select run_id, timestamp, step, value from bounded
        where at = total or (bucket is distinct from before and (bucket < $3 or total < $3))
        order by place, at`,
      values: [runIds, key, limit, steps?.from ?? null, steps?.to ?? null],
    });
    return rows.map(runPoint);
  }
}

const runPoint = ([runId, timestamp, step, value]: RunPointRow): RunPoint => ({ runId, timestamp, step, value });

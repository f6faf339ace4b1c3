import type { RawRecord } from '#contracts';

/** One topic in memory; `takenBy` names the member that works on a partition for a group at this moment. */
export interface Log {
  parts: { partition: number; records: RawRecord[]; takenBy: Map<string, object> }[];
}

import { z } from 'zod';
import { DeviceId, RunId } from '#agent/protocol/identity.ts';
import { ReportBy } from '../inventory/history.ts';

/** One row of a report. Rates are of what ended, 0 to 1; null where nothing did. */
const ReportRow = z.object({
  /** Name of the sequence, make and model, code of the error, name of the step, or the day in UTC. */
  name: z.string(),
  /** Runs that began, or steps that ended. */
  count: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  successRate: z.number().nullable(),
  /** Time of those that succeeded. */
  averageMs: z.number().nullable(),
  longestMs: z.number().nullable(),
  /** What an error code comes from most often, of a report by cause; empty otherwise. */
  note: z.string(),
});
export type ReportRow = z.infer<typeof ReportRow>;

/** GET /reports. */
export const ReportView = z.object({
  by: ReportBy,
  fromMs: z.int(),
  toMs: z.int(),
  total: ReportRow,
  /** The most frequent first, at most 1,000; days in their order. */
  rows: z.array(ReportRow),
});
export type ReportView = z.infer<typeof ReportView>;

/** GET /run-search: lines of logs and events with a text, without regard to case. */
export const LogSearchView = z.object({
  hits: z.array(
    z.object({
      runId: RunId,
      deviceId: DeviceId,
      deviceName: z.string(),
      sequenceName: z.string(),
      /** Where it stands: the run's log, or its events. */
      kind: z.enum(['log', 'event']),
      /** Offset of the chunk in the log in bytes, or seq of the event. */
      at: z.int(),
      line: z.string(),
    }),
  ),
  searchedRuns: z.int(),
  /** Whether there may be more: it ends after so many hits, runs or seconds. */
  more: z.boolean(),
});
export type LogSearchView = z.infer<typeof LogSearchView>;

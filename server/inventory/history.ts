import { z } from 'zod';

/** What a report counts runs by; `step` counts steps that ended. */
export const ReportBy = z.enum(['sequence', 'model', 'cause', 'step', 'day']);
export type ReportBy = z.infer<typeof ReportBy>;

/** Why a machine's network boots were not answered, and how often. */
export const Silence = z.object({
  mac: z.string(),
  guid: z.string().nullable(),
  architecture: z.string(),
  interfaceName: z.string(),
  reason: z.string(),
  firstMs: z.int(),
  lastMs: z.int(),
  count: z.int(),
});
export type Silence = z.infer<typeof Silence>;

const Days = z.int().min(1).max(36_500).nullable();

/** How long what is kept; null: for ever. Open runs are never touched. */
export const Retention = z.strictObject({
  /** Events of runs that ended; the run itself and its steps stay in the history. */
  eventsDays: Days.default(365),
  logsDays: Days.default(90),
  /** Whole runs, of deployments that are withdrawn: others are needed to tell whether one has to run again. */
  runsDays: Days.default(null),
  auditDays: Days.default(null),
  silencesDays: Days.default(14),
  /** So many of the newest runs of each device keep everything. */
  keepLastRuns: z.int().min(0).max(1000).default(3),
});
export type Retention = z.infer<typeof Retention>;

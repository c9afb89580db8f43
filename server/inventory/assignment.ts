import type { Assignment, Rerun } from './deployment-settings.ts';
import type { Run } from './run.ts';
import { formatRecurrence, occurrences } from './schedule/recurrence.ts';
import { scheduledMs, scheduledParts } from './schedule/scheduled-time.ts';
import { momentOf, wallAt } from './schedule/wall-time.ts';

/** How far a recurring schedule is looked along: longer than it can go without an occurrence but for leap days. */
const YEARS = 9;

/**
 * The last time at or before now that a required deployment was to start by itself; undefined before the first. As
 * soon as possible is since it was made, or since it is available.
 */
export function lastAssignment(
  assignments: readonly Assignment[],
  { sinceMs, nowMs, siteZone }: AssignmentFrame,
): number | undefined {
  const all: readonly Assignment[] =
    assignments.length === 0 ? [{ kind: 'as-soon-as-possible' }] : assignments;
  const times = all.flatMap((one) => {
    switch (one.kind) {
      case 'as-soon-as-possible':
        return [sinceMs];
      case 'at':
        return [scheduledMs(one.time, siteZone)];
      case 'recurring':
        return recurring(one, { nowMs, siteZone }).before;
    }
  });
  const past = times.filter((ms) => ms <= nowMs);
  return past.length === 0 ? undefined : Math.max(...past, Math.min(sinceMs, nowMs));
}

/** The next time after now; undefined where there is none to come. */
export function nextAssignment(
  assignments: readonly Assignment[],
  { nowMs, siteZone }: Pick<AssignmentFrame, 'nowMs' | 'siteZone'>,
): number | undefined {
  const times = assignments.flatMap((one) => {
    if (one.kind === 'at') return [scheduledMs(one.time, siteZone)];
    return one.kind === 'recurring' ? recurring(one, { nowMs, siteZone }).after : [];
  });
  const coming = times.filter((ms) => ms > nowMs);
  return coming.length === 0 ? undefined : Math.min(...coming);
}

interface AssignmentFrame {
  /** When it was made, or is available from. */
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly siteZone: string;
}

/**
 * Whether a deployment whose time has come runs here, by what came of it before; `ran` are its runs on the device
 * that were not cleared. One run answers for all times before it.
 */
export function rerunVerdict(
  rerun: Rerun,
  ran: readonly Pick<Run, 'state' | 'startedMs'>[],
  assignedMs: number,
): 'runs' | 'ran-since' | 'not-again' {
  const last = ran.reduce<Pick<Run, 'state' | 'startedMs'> | undefined>(
    (latest, run) => (latest === undefined || run.startedMs > latest.startedMs ? run : latest),
    undefined,
  );
  if (last === undefined) return 'runs';
  if (last.startedMs >= assignedMs) return 'ran-since';
  switch (rerun) {
    case 'never':
      return 'not-again';
    case 'always':
      return 'runs';
    case 'if-failed':
      return last.state === 'failed' ? 'runs' : 'not-again';
    case 'if-succeeded':
      return last.state === 'succeeded' ? 'runs' : 'not-again';
  }
}

function recurring(
  one: Extract<Assignment, { kind: 'recurring' }>,
  { nowMs, siteZone }: { readonly nowMs: number; readonly siteZone: string },
): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const { wall, zone } = scheduledParts(one.start, siteZone);
  const today = wallAt(nowMs, zone).toPlainDate();
  const often = one.recurrence.kind === 'daily' || one.recurrence.kind === 'weekly';
  const span = often ? { days: 32 } : { years: YEARS };
  const times = occurrences(wall.toPlainDate(), formatRecurrence(one.recurrence), {
    from: today.subtract(span),
    to: today.add(span),
  }).map((day) => momentOf(day.toPlainDateTime(wall.toPlainTime()), zone));
  return { before: times.filter((ms) => ms <= nowMs), after: times.filter((ms) => ms > nowMs) };
}

import { formatRecurrence, occurrences } from '../schedule/recurrence.ts';
import { momentOf, wallAt } from '../schedule/wall-time.ts';
import type { WindowSettings } from './window.ts';

/** One time that windows are open: from `startMs` until just before `endMs`, milliseconds since 1970. */
export interface Opening {
  readonly startMs: number;
  readonly endMs: number;
}

type Timed = Pick<
  WindowSettings,
  'startDate' | 'startTime' | 'finishTime' | 'timeZone' | 'recurrence'
>;

/**
 * When a window is open within a span of time, in order; also what began before the span. Both ends are times of
 * the wall clock: on days when the clocks change an opening is longer or shorter, and one that would
 * end before it begins is left out that day.
 */
export function openingsOf(
  window: Timed,
  span: Opening & { readonly siteZone: string },
): readonly Opening[] {
  const zone = window.timeZone === 'local' ? span.siteZone : window.timeZone;
  const days = occurrences(
    Temporal.PlainDate.from(window.startDate),
    formatRecurrence(window.recurrence),
    {
      // Yesterday's may still be open.
      from: wallAt(span.startMs, zone).toPlainDate().subtract({ days: 1 }),
      to: wallAt(span.endMs, zone).toPlainDate(),
    },
  );
  const overnight = window.finishTime <= window.startTime;
  return days
    .map((day) => ({
      startMs: momentOf(day.toPlainDateTime(window.startTime), zone),
      endMs: momentOf(
        day.add({ days: overnight ? 1 : 0 }).toPlainDateTime(window.finishTime),
        zone,
      ),
    }))
    .filter(
      ({ startMs, endMs }) => startMs < endMs && startMs < span.endMs && endMs > span.startMs,
    );
}

/** Openings in order, those that overlap or follow without a gap as one (reference: deploy, section 5). */
export function mergeOpenings(openings: readonly Opening[]): readonly Opening[] {
  const merged: Opening[] = [];
  for (const opening of [...openings].sort((a, b) => a.startMs - b.startMs)) {
    const last = merged.at(-1);
    if (last === undefined || opening.startMs > last.endMs) merged.push(opening);
    else merged.splice(-1, 1, { ...last, endMs: Math.max(last.endMs, opening.endMs) });
  }
  return merged;
}

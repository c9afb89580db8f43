import { mergeOpenings, type Opening, openingsOf } from './openings.ts';
import type { MaintenanceWindow } from './window.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How far is looked for an opening: near first, then a year, then as long as 29 February may be away. */
const LOOK_AHEAD_MS = [10 * DAY_MS, 400 * DAY_MS, 9 * 366 * DAY_MS] as const;

/** Whether a task sequence may start by itself now, as far as maintenance windows say. */
export type WindowVerdict =
  /** No window is for it. */
  | { readonly kind: 'free' }
  | { readonly kind: 'open'; readonly opening: Opening }
  /** The next opening with room for it. */
  | { readonly kind: 'waits'; readonly next: Opening }
  /** No opening is long enough, or none is to come. */
  | { readonly kind: 'never'; readonly longestMs: number };

/** How windows are looked at. */
export interface WindowFrame {
  readonly nowMs: number;
  /** What `local` is. */
  readonly siteZone: string;
  /** Whether windows for all deployments count beside those for task sequences alone. */
  readonly generalBesideSpecific: boolean;
}

/**
 * The windows of a device that are for task sequences. One that is for them alone outranks those for all
 * deployments (M37), unless the site says otherwise. A window that is over counts: it keeps its machines
 * from everything, which is used so.
 */
function windowsForSequences(
  windows: readonly MaintenanceWindow[],
  generalBesideSpecific: boolean,
): readonly MaintenanceWindow[] {
  const enabled = windows.filter(({ enabled, kind }) => enabled && kind !== 'software-updates');
  const specific = enabled.filter(({ kind }) => kind === 'task-sequences');
  return specific.length === 0 || generalBesideSpecific ? enabled : specific;
}

/**
 * Whether there is room for a run now. @param needMs maximum run time and countdown; 0 for one that starts
 * in any open window and may pass its end
 */
export function decideRoom(
  windows: readonly MaintenanceWindow[],
  needMs: number,
  frame: WindowFrame,
): WindowVerdict {
  const counted = windowsForSequences(windows, frame.generalBesideSpecific);
  if (counted.length === 0) return { kind: 'free' };
  let longestMs = 0;
  for (const aheadMs of LOOK_AHEAD_MS) {
    const openings = openingsAhead(counted, frame, aheadMs);
    for (const opening of openings) {
      const roomMs = opening.endMs - Math.max(opening.startMs, frame.nowMs);
      longestMs = Math.max(longestMs, roomMs);
      // What lies over the edge of the span is cut there: it is seen whole in the next one.
      if (roomMs < needMs) continue;
      return opening.startMs <= frame.nowMs
        ? { kind: 'open', opening }
        : { kind: 'waits', next: opening };
    }
  }
  return { kind: 'never', longestMs };
}

/** The next openings of a device's windows for task sequences, one that is open now first. */
export function nextOpenings(
  windows: readonly MaintenanceWindow[],
  count: number,
  frame: WindowFrame,
): readonly Opening[] {
  const counted = windowsForSequences(windows, frame.generalBesideSpecific);
  let openings: readonly Opening[] = [];
  for (const aheadMs of LOOK_AHEAD_MS) {
    // Of the last one more may come: the span cuts what it merges with.
    openings = openingsAhead(counted, frame, aheadMs);
    if (openings.length > count) break;
  }
  return openings.slice(0, count);
}

/** Merged openings within a span from now on; days and weeks beyond a year repeat what was seen. */
function openingsAhead(
  windows: readonly MaintenanceWindow[],
  { nowMs, siteZone }: WindowFrame,
  aheadMs: number,
): readonly Opening[] {
  return mergeOpenings(
    windows.flatMap((window) => {
      const { kind } = window.recurrence;
      const far =
        kind === 'daily' || kind === 'weekly' ? Math.min(aheadMs, LOOK_AHEAD_MS[1]) : aheadMs;
      return openingsOf(window, { startMs: nowMs, endMs: nowMs + far, siteZone });
    }),
  );
}

import { z } from 'zod';
import { momentOf, TimeZone } from './wall-time.ts';

const PATTERN = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(Z|\[([A-Za-z][\w/+-]*)\])?$/;

/**
 * A time of a deployment, as text: `2027-01-15T22:00` is local time of the site, with `Z` it is UTC, with
 * `[Europe/Berlin]` that of a zone.
 */
export const ScheduledTime = z
  .string()
  .refine(
    (text) => partsOf(text) !== undefined,
    'is no time: write 2027-01-15T22:00 (local time of the site), 2027-01-15T22:00Z (UTC) or 2027-01-15T22:00[Europe/Berlin]',
  );

/** The moment of a `ScheduledTime`, in milliseconds since 1970. @param siteZone what `local` is */
export function scheduledMs(text: string, siteZone: string): number {
  const { wall, zone } = scheduledParts(text, siteZone);
  return momentOf(wall, zone);
}

/** What the clock of a `ScheduledTime` shows, and where it hangs. @throws {RangeError} for any other text */
export function scheduledParts(
  text: string,
  siteZone: string,
): { readonly wall: Temporal.PlainDateTime; readonly zone: string } {
  const parts = partsOf(text);
  if (parts === undefined) throw new RangeError(`${JSON.stringify(text)} is no scheduled time`);
  return { ...parts, zone: parts.zone === 'local' ? siteZone : parts.zone };
}

function partsOf(
  text: string,
): { readonly wall: Temporal.PlainDateTime; readonly zone: string } | undefined {
  const [, wall, mark, named] = PATTERN.exec(text) ?? [];
  if (wall === undefined) return undefined;
  const zone = mark === 'Z' ? 'UTC' : (named ?? 'local');
  if (!TimeZone.safeParse(zone).success) return undefined;
  try {
    return { wall: Temporal.PlainDateTime.from(wall, { overflow: 'reject' }), zone };
  } catch {
    return undefined;
  }
}

import { z } from 'zod';

/**
 * A time of a wall clock and where the clock hangs. What is local follows the site's time zone, a setting: no
 * machine in Windows PE knows its own.
 */
export const TimeZone = z
  .string()
  .max(64)
  .refine(
    (zone) => zone === 'local' || isZone(zone),
    'is no time zone: UTC, local (that of the site), or a name like Europe/Berlin',
  );

/** A time zone that names itself: not `local`. */
export const NamedTimeZone = TimeZone.refine(
  (zone) => zone !== 'local',
  'names no time zone: UTC or a name like Europe/Berlin',
);

/** `22:00`. */
export const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of day: write it like 22:00');

/**
 * The moment when a clock shows a time, in milliseconds since 1970. On the day of a change to summer time, a
 * time that no clock shows is what it would have been before the change (02:30 is then 03:30); a time that
 * clocks show twice, in autumn, is the first of the two. So says RFC 5545, section 3.3.5.
 */
export function momentOf(wall: Temporal.PlainDateTime, zone: string): number {
  return wall.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/** What a clock there shows at a moment. */
export function wallAt(ms: number, zone: string): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime();
}

/** Zones that were asked for before: to make a format takes a millisecond, and settings are read often. */
const known = new Map<string, boolean>();
const KNOWN_ZONES = 1000;

function isZone(zone: string): boolean {
  const before = known.get(zone);
  if (before !== undefined) return before;
  const isKnown = hasRules(zone);
  if (known.size >= KNOWN_ZONES) known.clear();
  known.set(zone, isKnown);
  return isKnown;
}

function hasRules(zone: string): boolean {
  // Offsets, which Intl takes too, know no summer time: a window would move by an hour twice a year.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

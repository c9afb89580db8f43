/** A point in time as a condition writes it. */
export interface Instant {
  /** Milliseconds since 1970, UTC. */
  readonly ms: number;
  /** What it was written down to: times of files are cut to that before they are compared. */
  readonly precisionMs: number;
}

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})?)?$/i;

/**
 * ISO 8601: `2024-05-31`, `2024-05-31T14:00:00Z`, `2024-05-31T14:00:00+02:00`. UTC unless it says a zone,
 * so that a machine's own zone never matters (reference: conditions, section 2). Undefined: it is none.
 */
export function parseInstant(text: string): Instant | undefined {
  const [, date, minutes = '00:00', seconds, fraction, zone = 'Z'] =
    INSTANT.exec(text.trim()) ?? [];
  if (date === undefined || (fraction !== undefined && seconds === undefined)) return undefined;
  const local = `${date}T${minutes}${seconds ?? ':00'}${fraction ?? ''}`;
  const ms = Date.parse(local + zone.toUpperCase());
  // A 31st of February is read as a day of March: what comes back must be what was written.
  const atZone = Date.parse(`${local}Z`);
  if (Number.isNaN(ms) || !new Date(atZone).toISOString().startsWith(date)) return undefined;
  return { ms, precisionMs: fraction === undefined ? 1000 : 1 };
}

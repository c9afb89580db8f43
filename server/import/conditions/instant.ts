import { parseInstant } from '#agent/sequence/condition/instant.ts';

/** A time of WMI: 20240531140000.000000+060, the zone in minutes; `+***` is none, which means UTC here. */
const CIM = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d{1,6})?(?:([+-])(\d{3}|\*{3}))?$/;
/** `5/31/2024 2:00:00 PM`, as the console of an English system shows it. */
const ENGLISH =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:,? +(\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AP]M))?)?$/i;

/** The time in an expression as a document writes it, in UTC as the console stores it; undefined: it is none. */
export function instantOf(text: string): string | undefined {
  if (text.includes('%')) return text;
  const instant = parseInstant(cimTime(text) ?? englishTime(text) ?? text);
  return instant === undefined ? undefined : new Date(instant.ms).toISOString().replace('.000', '');
}

function cimTime(text: string): string | undefined {
  const [, year, month, day, hour, minute, second, sign = '+', zone = '000'] = CIM.exec(text) ?? [];
  if (year === undefined) return undefined;
  const minutes = zone === '***' ? 0 : Number(zone);
  const offset = [Math.floor(minutes / 60), minutes % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${sign}${offset.join(':')}`;
}

function englishTime(text: string): string | undefined {
  const [, month, day, year, hour = '0', minute = '00', second = '00', half] =
    ENGLISH.exec(text) ?? [];
  if (month === undefined || day === undefined) return undefined;
  const isAfternoon = half?.toLowerCase() === 'pm';
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (isAfternoon ? 12 : 0);
  const two = (value: string | number): string => String(value).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}T${two(hours)}:${minute}:${second}Z`;
}

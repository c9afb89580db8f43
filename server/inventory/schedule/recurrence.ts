// oxlint-disable-next-line import/default -- CommonJS, whose names Node finds in its default alone
import rrule from 'rrule';
import { z } from 'zod';

// oxlint-disable-next-line import/no-named-as-default-member -- as above
const { RRule } = rrule;

/** Days of the week in the order and by the numbers of RFC 5545 libraries: Monday is 0. */
const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export const Weekday = z.enum(weekdays);
export type Weekday = z.infer<typeof Weekday>;

/** Which week of a month, as BYDAY counts it. */
const weekNumbers = { first: 1, second: 2, third: 3, fourth: 4, last: -1 } as const;
export const WeekOfMonth = z.enum(['first', 'second', 'third', 'fourth', 'last']);
type WeekOfMonth = z.infer<typeof WeekOfMonth>;

const everyMonths = z.int().min(1).max(12).default(1);

/**
 * When something happens again, as Configuration Manager's schedule tokens have it (reference: deploy,
 * sections 5 and 14). Counted in days of wall clock: what is on which day, never at which time.
 */
export const Recurrence = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('daily'), everyDays: z.int().min(1).max(31).default(1) }),
  z.strictObject({
    kind: z.literal('weekly'),
    everyWeeks: z.int().min(1).max(4).default(1),
    weekdays: z.array(Weekday).min(1).max(7),
  }),
  z.strictObject({
    kind: z.literal('monthly-by-weekday'),
    everyMonths,
    week: WeekOfMonth,
    weekday: Weekday,
  }),
  z.strictObject({
    kind: z.literal('monthly-by-date'),
    everyMonths,
    /** A month without this day is left out; `last` is in each. */
    day: z.union([z.int().min(1).max(31), z.literal('last')]),
  }),
]);
export type Recurrence = z.infer<typeof Recurrence>;

/** The recurrence as an RFC 5545 RRULE; empty where it happens once. */
export function formatRecurrence(recurrence: Recurrence): string {
  switch (recurrence.kind) {
    case 'none':
      return '';
    case 'daily':
      return `FREQ=DAILY;INTERVAL=${recurrence.everyDays}`;
    case 'weekly': {
      const days = weekdays.filter((day) => recurrence.weekdays.includes(day)).map(shortDay);
      return `FREQ=WEEKLY;INTERVAL=${recurrence.everyWeeks};WKST=MO;BYDAY=${days.join(',')}`;
    }
    case 'monthly-by-weekday': {
      const day = `${weekNumbers[recurrence.week]}${shortDay(recurrence.weekday)}`;
      return `FREQ=MONTHLY;INTERVAL=${recurrence.everyMonths};BYDAY=${day}`;
    }
    case 'monthly-by-date': {
      const day = recurrence.day === 'last' ? -1 : recurrence.day;
      return `FREQ=MONTHLY;INTERVAL=${recurrence.everyMonths};BYMONTHDAY=${day}`;
    }
  }
}

/** Reads what `formatRecurrence` wrote. @throws {z.ZodError} for any other RRULE */
export function parseRecurrence(rule: string): Recurrence {
  if (rule === '') return { kind: 'none' };
  const parts = new Map(rule.split(';').map((part) => splitOnce(part)));
  const interval = Number(parts.get('INTERVAL'));
  const days = (parts.get('BYDAY') ?? '').split(',');
  const [, week, day] = /^(-?\d)([A-Z]{2})$/.exec(days[0] ?? '') ?? [];
  const date = Number(parts.get('BYMONTHDAY'));
  const freq = parts.get('FREQ');
  if (freq === 'DAILY') return Recurrence.parse({ kind: 'daily', everyDays: interval });
  if (freq === 'WEEKLY')
    return Recurrence.parse({ kind: 'weekly', everyWeeks: interval, weekdays: days.map(longDay) });
  return Recurrence.parse(
    parts.has('BYMONTHDAY')
      ? { kind: 'monthly-by-date', everyMonths: interval, day: date === -1 ? 'last' : date }
      : {
          kind: 'monthly-by-weekday',
          everyMonths: interval,
          week: longWeek(Number(week)),
          weekday: longDay(day),
        },
  );
}

/** Days from `start` on that the recurrence falls on, within `from` and `to`, both included. */
export function occurrences(
  start: Temporal.PlainDate,
  rule: string,
  { from, to }: { readonly from: Temporal.PlainDate; readonly to: Temporal.PlainDate },
): Temporal.PlainDate[] {
  if (rule === '') return isWithin(start, from, to) ? [start] : [];
  const options = RRule.parseString(rule);
  const first = nearStart(start, from, periodDays(options));
  const dates = new RRule({ ...options, dtstart: toFloating(first) }, true);
  return dates
    .between(toFloating(from), toFloating(to), true)
    .map((date) => Temporal.PlainDate.from(date.toISOString().slice(0, 10)));
}

/**
 * The last day of the same phase as `start` that is not after `from`: the library walks there from the start
 * of a rule day by day, which takes 20 ms over twelve years.
 */
function nearStart(
  start: Temporal.PlainDate,
  from: Temporal.PlainDate,
  period: number | undefined,
): Temporal.PlainDate {
  if (period === undefined) return start;
  const periods = Math.floor(start.until(from, { largestUnit: 'days' }).days / period) - 1;
  return periods > 0 ? start.add({ days: periods * period }) : start;
}

/** Undefined for months: they differ, and twelve a year are few to walk over. */
function periodDays({ freq, interval = 1 }: Partial<rrule.Options>): number | undefined {
  if (freq === RRule.DAILY) return interval;
  return freq === RRule.WEEKLY ? 7 * interval : undefined;
}

/** A date without a zone as the library has it: midnight in UTC. */
function toFloating(date: Temporal.PlainDate): Date {
  return new Date(Date.UTC(date.year, date.month - 1, date.day));
}

function isWithin(
  date: Temporal.PlainDate,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): boolean {
  return Temporal.PlainDate.compare(date, from) >= 0 && Temporal.PlainDate.compare(date, to) <= 0;
}

function shortDay(day: Weekday): string {
  return day.slice(0, 2).toUpperCase();
}

function longDay(short: string | undefined): Weekday | undefined {
  return weekdays.find((day) => shortDay(day) === short);
}

function longWeek(number: number): WeekOfMonth | undefined {
  return WeekOfMonth.options.find((week) => weekNumbers[week] === number);
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf('=');
  return [part.slice(0, at), part.slice(at + 1)];
}

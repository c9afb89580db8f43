import { InvalidArgumentError } from 'commander';
import { Recurrence, Weekday, WeekOfMonth } from '../inventory/schedule/recurrence.ts';

/** How a recurrence is written on the command line. */
export const RECURRENCE_FORMS =
  'none, daily, "every 3 days", "weekly on monday,friday", "every 2 weeks on tuesday", "monthly on 15", "monthly on last", "every 3 months on second tuesday"';

const PATTERN = /^(daily|weekly|monthly|every (\d{1,2}) (day|week|month)s?)(?: on (.+))?$/i;
const plain = { daily: 'day', weekly: 'week', monthly: 'month' } as const;

/** Reads a recurrence. @throws {InvalidArgumentError} */
export function parseRecurrenceText(text: string): Recurrence {
  if (text.trim().toLowerCase() === 'none') return { kind: 'none' };
  const [, head = '', number, given, on = ''] = PATTERN.exec(text.trim()) ?? [];
  const unit =
    given?.toLowerCase() ??
    Object.entries(plain).find(([word]) => word === head.toLowerCase())?.[1];
  const every = number === undefined ? 1 : Number(number);
  const parsed = Recurrence.safeParse(toDocument(unit, every, on.trim().toLowerCase()));
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`write one of: ${RECURRENCE_FORMS}`);
}

function toDocument(unit: string | undefined, every: number, on: string): unknown {
  if (unit === 'day') return on === '' ? { kind: 'daily', everyDays: every } : undefined;
  if (unit === 'week') return { kind: 'weekly', everyWeeks: every, weekdays: on.split(/[\s,]+/) };
  if (unit !== 'month') return undefined;
  const [week, weekday] = on.split(/\s+/);
  if (weekday !== undefined)
    return { kind: 'monthly-by-weekday', everyMonths: every, week, weekday };
  const day = on === 'last' ? on : Number(on);
  return { kind: 'monthly-by-date', everyMonths: every, day };
}

/** The recurrence as it may be written. */
export function formatRecurrenceText(recurrence: Recurrence): string {
  switch (recurrence.kind) {
    case 'none':
      return 'none';
    case 'daily':
      return every(recurrence.everyDays, 'day', 'daily');
    case 'weekly': {
      const days = Weekday.options.filter((day) => recurrence.weekdays.includes(day));
      return `${every(recurrence.everyWeeks, 'week', 'weekly')} on ${days.join(',')}`;
    }
    case 'monthly-by-date':
      return `${every(recurrence.everyMonths, 'month', 'monthly')} on ${recurrence.day}`;
    case 'monthly-by-weekday': {
      const week = WeekOfMonth.parse(recurrence.week);
      return `${every(recurrence.everyMonths, 'month', 'monthly')} on ${week} ${recurrence.weekday}`;
    }
  }
}

function every(count: number, unit: string, word: string): string {
  return count === 1 ? word : `every ${count} ${unit}s`;
}

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  formatRecurrence,
  occurrences,
  parseRecurrence,
  Recurrence,
  Weekday,
  WeekOfMonth,
} from './recurrence.ts';

const day = fc
  .integer({ min: 0, max: 5000 })
  .map((days) => Temporal.PlainDate.from('2020-01-01').add({ days }));
const months = fc.integer({ min: 1, max: 12 });
const recurrence: fc.Arbitrary<Recurrence> = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc.record({ kind: fc.constant('daily' as const), everyDays: fc.integer({ min: 1, max: 31 }) }),
  fc.record({
    kind: fc.constant('weekly' as const),
    everyWeeks: fc.integer({ min: 1, max: 4 }),
    weekdays: fc.uniqueArray(fc.constantFrom(...Weekday.options), { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('monthly-by-weekday' as const),
    everyMonths: months,
    week: fc.constantFrom(...WeekOfMonth.options),
    weekday: fc.constantFrom(...Weekday.options),
  }),
  fc.record({
    kind: fc.constant('monthly-by-date' as const),
    everyMonths: months,
    day: fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant('last' as const)),
  }),
);

/** Whether a recurrence falls on a day, by the words of its description alone. */
function fallsOn(start: Temporal.PlainDate, each: Recurrence, on: Temporal.PlainDate): boolean {
  const days = start.until(on, { largestUnit: 'days' }).days;
  if (days < 0) return false;
  const name = Weekday.options[on.dayOfWeek - 1];
  const monthsBetween = (on.year - start.year) * 12 + on.month - start.month;
  switch (each.kind) {
    case 'none':
      return days === 0;
    case 'daily':
      return days % each.everyDays === 0;
    case 'weekly': {
      const monday = start.subtract({ days: start.dayOfWeek - 1 });
      const weeks = Math.floor(monday.until(on, { largestUnit: 'days' }).days / 7);
      return weeks % each.everyWeeks === 0 && each.weekdays.some((weekday) => weekday === name);
    }
    case 'monthly-by-date':
      return (
        monthsBetween % each.everyMonths === 0 &&
        on.day === (each.day === 'last' ? on.daysInMonth : each.day)
      );
    case 'monthly-by-weekday': {
      const week = WeekOfMonth.options.indexOf(each.week);
      return (
        monthsBetween % each.everyMonths === 0 &&
        name === each.weekday &&
        (each.week === 'last' ? on.day + 7 > on.daysInMonth : Math.ceil(on.day / 7) === week + 1)
      );
    }
  }
}

it('M35 days of a recurrence are those that counting day by day finds', () => {
  fc.assert(
    fc.property(
      day,
      recurrence,
      day,
      fc.integer({ min: 0, max: 200 }),
      (start, each, from, span) => {
        const to = from.add({ days: span });
        const naive: string[] = [];
        for (let on = from; Temporal.PlainDate.compare(on, to) <= 0; on = on.add({ days: 1 }))
          if (fallsOn(start, each, on)) naive.push(on.toString());
        const found = occurrences(start, formatRecurrence(each), { from, to });
        expect(found.map(String)).toEqual(naive);
      },
    ),
    { numRuns: 300 },
  );
});

it('M35 an RRULE is read as what was written', () => {
  fc.assert(
    fc.property(recurrence, (each) => {
      const read = parseRecurrence(formatRecurrence(each));
      expect(formatRecurrence(read)).toBe(formatRecurrence(each));
      expect(read.kind).toBe(each.kind);
    }),
  );
  expect(formatRecurrence({ kind: 'weekly', everyWeeks: 2, weekdays: ['friday', 'monday'] })).toBe(
    'FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=MO,FR',
  );
  expect(() => parseRecurrence('FREQ=YEARLY')).toThrow();
});

it.each([
  [{ kind: 'weekly', everyWeeks: 5, weekdays: ['monday'] }],
  [{ kind: 'weekly', everyWeeks: 0, weekdays: ['monday'] }],
  [{ kind: 'weekly', weekdays: [] }],
  [{ kind: 'monthly-by-date', everyMonths: 13, day: 1 }],
  [{ kind: 'monthly-by-date', day: 32 }],
  [{ kind: 'hourly' }],
])('refuses %j', (wrong) => {
  expect(Recurrence.safeParse(wrong).success).toBe(false);
});

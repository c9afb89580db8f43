import { expect, it } from 'vitest';
import { formatRecurrenceText, parseRecurrenceText } from './recurrence-text.ts';

it.each([
  'none',
  'daily',
  'every 3 days',
  'weekly on monday,friday',
  'every 2 weeks on tuesday',
  'monthly on 15',
  'every 12 months on last',
  'every 3 months on second tuesday',
  'monthly on last friday',
])('M35 reads and writes %j', (text) => {
  expect(formatRecurrenceText(parseRecurrenceText(text))).toBe(text);
});

it.each([
  'hourly',
  'weekly',
  'weekly on blursday',
  'every 5 weeks on monday',
  'monthly on 32',
  'monthly on fifth monday',
  'daily on monday',
  '',
])('refuses %j', (text) => {
  expect(() => parseRecurrenceText(text)).toThrow('write one of');
});

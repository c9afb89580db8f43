import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScheduledTime, scheduledMs } from './scheduled-time.ts';
import { momentOf, TimeZone, wallAt } from './wall-time.ts';

const iso = (ms: number) => new Date(ms).toISOString();
const at = (wall: string, zone: string) =>
  iso(momentOf(Temporal.PlainDateTime.from(wall), zone)).slice(0, 16);

describe('M35 times of a wall clock', () => {
  it('02:30 in the hour that is left out in spring is 03:30', () => {
    expect(at('2027-03-28T02:30', 'Europe/Berlin')).toBe('2027-03-28T01:30');
    expect(wallAt(Date.parse('2027-03-28T01:30Z'), 'Europe/Berlin').toString()).toBe(
      '2027-03-28T03:30:00',
    );
  });

  it('02:30 that comes twice in autumn is the first', () => {
    expect(at('2027-10-31T02:30', 'Europe/Berlin')).toBe('2027-10-31T00:30');
    expect(at('2027-11-07T01:30', 'America/New_York')).toBe('2027-11-07T05:30');
  });

  it('changes of half an hour, at midnight, and a day that a zone left out', () => {
    expect(at('2027-10-03T02:15', 'Australia/Lord_Howe')).toBe('2027-10-02T15:45');
    expect(at('2018-11-04T00:00', 'America/Sao_Paulo')).toBe('2018-11-04T03:00');
    expect(at('2011-12-30T12:00', 'Pacific/Apia')).toBe('2011-12-30T22:00');
  });

  it('are shown by a clock there, in all zones, by the first of its moments, or are left out there', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    expect(zones.length).toBeGreaterThan(300);
    const clocks = new Map<string, Intl.DateTimeFormat>();
    const shown = (ms: number, zone: string): string => {
      const clock =
        clocks.get(zone) ??
        new Intl.DateTimeFormat('sv-SE', {
          timeZone: zone,
          dateStyle: 'short',
          timeStyle: 'short',
        });
      clocks.set(zone, clock);
      return clock.format(ms).replace(' ', 'T');
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 3 * 366 * 48 }),
        (zone, half) => {
          const wall = Temporal.PlainDateTime.from('2026-01-01T00:00').add({ minutes: half * 30 });
          const ms = momentOf(wall, zone);
          const text = wall.toString().slice(0, 16);
          // No zone has moved by more than a day.
          const steps = Array.from({ length: 2 * 24 * 4 }, (_, n) => ms + (n - 96) * 900_000);
          const moments = steps.filter((moment) => shown(moment, zone) === text);
          if (shown(ms, zone) === text) expect(moments[0]).toBe(ms);
          else expect(moments).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  }, 20_000);
});

it('a scheduled time is local to the site, in UTC, or in a zone', () => {
  const all = ['2027-07-01T22:00', '2027-07-01T22:00Z', '2027-07-01T22:00[America/New_York]'];
  expect(all.map((text) => iso(scheduledMs(text, 'Europe/Berlin')).slice(0, 16))).toEqual([
    '2027-07-01T20:00',
    '2027-07-01T22:00',
    '2027-07-02T02:00',
  ]);
  for (const text of all) expect(ScheduledTime.safeParse(text).success).toBe(true);
  for (const wrong of [
    '2027-02-30T10:00',
    'tomorrow',
    '2027-07-01T22:00[Mars/Base]',
    '2027-07-01',
    '2027-07-01T22:00+02:00',
  ])
    expect(ScheduledTime.safeParse(wrong).success).toBe(false);
});

it('knows what is no time zone', () => {
  for (const zone of ['UTC', 'local', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'])
    expect(TimeZone.safeParse(zone).success).toBe(true);
  for (const zone of ['+02:00', '', 'Europe/Atlantis', 'W. Europe Standard Time'])
    expect(TimeZone.safeParse(zone).success).toBe(false);
});

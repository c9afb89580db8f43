import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CollectionId } from '#agent/protocol/identity.ts';
import { mergeOpenings, openingsOf } from './openings.ts';
import { decideRoom, nextOpenings } from './room.ts';
import { type MaintenanceWindow, WindowId, WindowSettings } from './window.ts';

const MINUTE = 60_000;
const utc = (text: string) => Date.parse(`${text}Z`);
const text = (ms: number) => new Date(ms).toISOString().slice(0, 16);
const frame = { siteZone: 'UTC', generalBesideSpecific: false };
const need = (minutes: number) => minutes * MINUTE;

function window(change: Partial<WindowSettings>): MaintenanceWindow {
  return {
    id: WindowId.parse('MW140001'),
    collectionId: CollectionId.parse('MW100010'),
    ...WindowSettings.parse({
      name: 'Nights',
      startDate: '2027-01-01',
      startTime: '22:00',
      finishTime: '23:00',
      recurrence: { kind: 'daily' },
      ...change,
    }),
  };
}
const days = (change: Partial<WindowSettings>, from: string, to: string) =>
  openingsOf(window(change), { startMs: utc(from), endMs: utc(to), siteZone: 'UTC' }).map(
    ({ startMs, endMs }) => `${text(startMs)} ${text(endMs)}`,
  );

describe('M35 when a window is open', () => {
  it('goes over midnight where its finish is before its start, and is seen on the next day', () => {
    expect(days({ finishTime: '02:00' }, '2027-01-10T01:00', '2027-01-10T23:00')).toEqual([
      '2027-01-09T22:00 2027-01-10T02:00',
      '2027-01-10T22:00 2027-01-11T02:00',
    ]);
  });

  it('not before its start date, and once without a recurrence', () => {
    expect(days({}, '2026-12-25T00:00', '2027-01-02T00:00')).toEqual([
      '2027-01-01T22:00 2027-01-01T23:00',
    ]);
    expect(days({ recurrence: { kind: 'none' } }, '2026-12-25T00:00', '2028-01-02T00:00')).toEqual([
      '2027-01-01T22:00 2027-01-01T23:00',
    ]);
  });

  it('is as long as the clock says: shorter in spring, longer in autumn, left out where nothing is left', () => {
    const zone = { timeZone: 'Europe/Berlin' } as const;
    const night = { ...zone, startTime: '01:00', finishTime: '05:00' };
    expect(days(night, '2027-03-28T00:00', '2027-03-28T12:00')).toEqual([
      '2027-03-28T00:00 2027-03-28T03:00',
    ]);
    expect(days(night, '2027-10-30T23:00', '2027-10-31T12:00')).toEqual([
      '2027-10-30T23:00 2027-10-31T04:00',
    ]);
    const gap = { ...zone, startTime: '02:30', finishTime: '03:15' };
    expect(days(gap, '2027-03-27T00:00', '2027-03-29T12:00')).toEqual([
      '2027-03-27T01:30 2027-03-27T02:15',
      '2027-03-29T00:30 2027-03-29T01:15',
    ]);
    const inGap = { ...zone, startTime: '02:30', finishTime: '05:00' };
    expect(days(inGap, '2027-03-28T00:00', '2027-03-28T12:00')).toEqual([
      '2027-03-28T01:30 2027-03-28T03:00',
    ]);
    const twice = { ...zone, startTime: '02:30', finishTime: '03:30' };
    expect(days(twice, '2027-10-30T23:00', '2027-10-31T12:00')).toEqual([
      '2027-10-31T00:30 2027-10-31T02:30',
    ]);
  });

  it('is shorter than a day', () => {
    const wish = { name: 'All day', startDate: '2027-01-01', startTime: '22:00' };
    expect(WindowSettings.safeParse({ ...wish, finishTime: '22:00' }).success).toBe(false);
    expect(WindowSettings.safeParse({ ...wish, finishTime: '21:59' }).success).toBe(true);
  });
});

describe('M37 several windows', () => {
  it('of an hour each that overlap by 30 minutes are one of 90 minutes', () => {
    const both = [window({}), window({ startTime: '22:30', finishTime: '23:30' })];
    const now = { ...frame, nowMs: utc('2027-01-05T22:00') };
    expect(decideRoom(both, need(90), now)).toMatchObject({ kind: 'open' });
    expect(decideRoom(both, need(91), now)).toEqual({ kind: 'never', longestMs: need(90) });
    const apart = [window({}), window({ startTime: '23:30', finishTime: '00:30' })];
    expect(decideRoom(apart, need(61), now)).toEqual({ kind: 'never', longestMs: need(60) });
  });

  it('merging keeps every moment that is open, and no other', () => {
    const opening = fc
      .tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 30 }))
      .map(([startMs, length]) => ({ startMs, endMs: startMs + length }));
    fc.assert(
      fc.property(fc.array(opening, { maxLength: 20 }), (openings) => {
        const merged = mergeOpenings(openings);
        const isOpen = (all: readonly { startMs: number; endMs: number }[], ms: number) =>
          all.some(({ startMs, endMs }) => startMs <= ms && ms < endMs);
        for (let ms = 0; ms < 240; ms++) expect(isOpen(merged, ms)).toBe(isOpen(openings, ms));
        for (const [index, { startMs }] of merged.entries())
          if (index > 0) expect(startMs).toBeGreaterThan(merged[index - 1]?.endMs ?? 0);
      }),
    );
  });

  it('one for task sequences outranks those for all deployments, unless the site says otherwise', () => {
    const both = [
      window({}),
      window({ kind: 'task-sequences', startTime: '03:00', finishTime: '05:00' }),
    ];
    const now = { ...frame, nowMs: utc('2027-01-05T22:10') };
    expect(decideRoom(both, need(30), now)).toEqual({
      kind: 'waits',
      next: { startMs: utc('2027-01-06T03:00'), endMs: utc('2027-01-06T05:00') },
    });
    const beside = { ...now, generalBesideSpecific: true };
    expect(decideRoom(both, need(30), beside)).toMatchObject({ kind: 'open' });
  });

  it('those for software updates and disabled ones do not count', () => {
    const now = { ...frame, nowMs: utc('2027-01-05T12:00') };
    expect(decideRoom([window({ kind: 'software-updates' })], 0, now)).toEqual({ kind: 'free' });
    expect(decideRoom([window({ enabled: false })], 0, now)).toEqual({ kind: 'free' });
    expect(decideRoom([], need(600), now)).toEqual({ kind: 'free' });
  });
});

describe('M36 whether a run fits', () => {
  const now = { ...frame, nowMs: utc('2027-01-05T22:30') };

  it('starts only with room for its maximum run time, else waits for the next with room', () => {
    expect(decideRoom([window({})], need(30), now)).toMatchObject({ kind: 'open' });
    expect(decideRoom([window({})], need(31), now)).toMatchObject({
      kind: 'waits',
      next: { startMs: utc('2027-01-06T22:00') },
    });
  });

  it('a window of 60 minutes never has room for 120, and 0 starts in any and may pass its end', () => {
    expect(decideRoom([window({})], need(120), now)).toEqual({
      kind: 'never',
      longestMs: need(60),
    });
    expect(decideRoom([window({})], 0, now)).toMatchObject({ kind: 'open' });
    expect(decideRoom([window({})], 0, { ...now, nowMs: utc('2027-01-05T23:00') })).toMatchObject({
      kind: 'waits',
    });
  });

  it('a window that is over keeps its machines from everything', () => {
    const over = window({ recurrence: { kind: 'none' } });
    expect(decideRoom([over], 0, now)).toEqual({ kind: 'never', longestMs: 0 });
  });

  it('looks as far as 29 February', () => {
    const leap = window({
      startDate: '2096-02-29',
      recurrence: { kind: 'monthly-by-date', everyMonths: 12, day: 29 },
    });
    const later = { ...frame, nowMs: utc('2096-03-01T00:00') };
    expect(decideRoom([leap], need(60), later)).toMatchObject({
      next: { startMs: utc('2104-02-29T22:00') },
    });
  });
});

it('tells the next openings, the one that is open first', () => {
  const now = { ...frame, nowMs: utc('2027-01-05T22:30') };
  const weekly = window({ recurrence: { kind: 'weekly', everyWeeks: 4, weekdays: ['tuesday'] } });
  const starts = (all: MaintenanceWindow[]) =>
    nextOpenings(all, 5, now).map(({ startMs }) => text(startMs));
  expect(starts([window({})])).toEqual([
    '2027-01-05T22:00',
    '2027-01-06T22:00',
    '2027-01-07T22:00',
    '2027-01-08T22:00',
    '2027-01-09T22:00',
  ]);
  expect(starts([weekly])).toHaveLength(5);
  expect(starts([window({ recurrence: { kind: 'none' } })])).toEqual([]);
});

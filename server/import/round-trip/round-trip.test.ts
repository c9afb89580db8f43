import { describe, expect, it } from 'vitest';
import { importConfigMgr } from '../testing/import-texts.ts';
import { firstDifference, tryRoundTrip } from './round-trip.ts';
import { openRoundTrips } from './round-trips.ts';

describe('M24 export and import again', () => {
  it('gives the same document, comments and scripts in it', async () => {
    const imported = await importConfigMgr(
      '<!-- # first --><group name="yes"><step type="X" name="012: #"><action>cmd /c echo "a: b" # c</action></step></group>',
    );
    expect(await tryRoundTrip(imported)).toEqual({ same: true, message: '' });
  });

  it('tells what is not the same', async () => {
    const before = { a: [1, { b: 'x' }] };
    expect(firstDifference(before, { a: [1, { b: 'x' }] }, '')).toBeUndefined();
    expect(firstDifference(before, { a: [1, { b: 'y' }] }, '')).toBe('a[1].b is another value');
    expect(firstDifference(before, { a: [1, {}] }, '')).toBe('a[1].b is gone');
    expect(firstDifference(before, { ...before, c: 1 }, '')).toBe('c is new');
    expect(firstDifference(before, { a: {} }, '')).toBe('a is another value');
    expect(
      await tryRoundTrip({ name: 'x', document: { name: '\ud800' }, comments: new Map() }),
    ).toMatchObject({
      same: false,
    });
  });

  it('is tried in workers where there are many, and by itself where there are few', async () => {
    const written = (name: string) => ({
      name,
      document: {
        name,
        steps: [{ step: 'Run', type: 'run-command', params: { commandLine: 'a' } }],
      },
      comments: new Map([['steps[0]', ['why']]]),
    });
    for (const count of [1, 40]) {
      await using trips = openRoundTrips(count);
      const all = Array.from({ length: 8 }, (_, index) => trips.try(written(`Lab ${index}`)));
      const broken = trips.try({ ...written('x'), document: { name: '' } });
      expect(await Promise.all(all)).toEqual(all.map(() => ({ same: true, message: '' })));
      expect(await broken).toMatchObject({ same: false });
    }
  });
});

import { describe, expect, it } from 'vitest';
import { firstDifference, tryRoundTrip } from './round-trip.ts';
import { importConfigMgr } from './testing/import-texts.ts';

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
});

import { expect, it } from 'vitest';
import { compareVersions, parseVersion, versionAtStart } from './dotted-version.ts';

it.each<[string, readonly number[] | undefined]>([
  ['10', [10]],
  ['10.0.19041.1', [10, 0, 19041, 1]],
  ['10.0.19041.1.2', undefined],
  ['10.', undefined],
  ['.1', undefined],
  ['v1', undefined],
  ['', undefined],
  ['-1', undefined],
  ['9999999999', undefined],
])('%j is %j', (text, expected) => {
  expect(parseVersion(text)).toEqual(expected);
});

it.each<[string, readonly number[] | undefined]>([
  ['6.1.7601 Service Pack 1', [6, 1, 7601]],
  ['10.0.19041.1 (WinBuild.160101.0800)', [10, 0, 19041, 1]],
  ['12 (bookworm)', [12]],
  ['rolling', undefined],
])('%j begins with %j', (text, expected) => {
  expect(versionAtStart(text)).toEqual(expected);
});

it('is compared number by number, what is missing as 0', () => {
  expect(compareVersions([10, 0, 9], [10, 0, 10])).toBeLessThan(0);
  expect(compareVersions([10], [10, 0, 0])).toBe(0);
  expect(compareVersions([10, 0, 1], [10])).toBeGreaterThan(0);
  expect(compareVersions([10, 0, 19045], [10, 0], 2)).toBe(0);
});

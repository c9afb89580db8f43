import { expect, it } from 'vitest';
import { formatBytes, formatSpan, parseCount, parseDuration, parseNames } from './units.ts';

it.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
])('reads %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['2', 'h', '-1h', '2 weeks', ''])('refuses %j as a span', (text) => {
  expect(() => parseDuration(text)).toThrow('write a number and a unit');
});

it.each(['0', '-1', '1.5', 'many'])('refuses %j as a count', (text) => {
  expect(() => parseCount(text)).toThrow('whole number');
});

it('reads names with commas between, and none from nothing', () => {
  expect(parseNames('eth0, eth1,')).toEqual(['eth0', 'eth1']);
  expect(parseNames('')).toEqual([]);
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [41_000_000, '41.0 MB'],
  [250e9, '250 GB'],
])('shows %d bytes as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [4000, '4 s'],
  [185_000, '3 min 05 s'],
  [7_800_000, '2 h 10 min'],
])('shows %d ms as %s', (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});

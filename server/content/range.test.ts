import { expect, it } from 'vitest';
import { parseRange } from './range.ts';

it.each([
  { header: undefined, range: { kind: 'whole' } },
  { header: 'bytes=0-0', range: { kind: 'part', start: 0, end: 0 } },
  { header: 'bytes=5-', range: { kind: 'part', start: 5, end: 9 } },
  { header: 'bytes=-3', range: { kind: 'part', start: 7, end: 9 } },
  { header: 'bytes=-99', range: { kind: 'part', start: 0, end: 9 } },
  { header: 'bytes=8-99', range: { kind: 'part', start: 8, end: 9 } },
  { header: 'bytes=10-', range: { kind: 'outside' } },
  { header: 'bytes=-0', range: { kind: 'outside' } },
  { header: 'bytes=5-4', range: { kind: 'whole' } },
  { header: 'bytes=0-1,3-4', range: { kind: 'whole' } },
  { header: 'lines=0-1', range: { kind: 'whole' } },
  { header: 'bytes=-', range: { kind: 'whole' } },
])('M52 range $header of ten bytes', ({ header, range }) => {
  expect(parseRange(header, 10)).toEqual(range);
});

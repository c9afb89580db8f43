import { expect, it } from 'vitest';
import { missingForWindows, type WindowsLabFacts } from './needs.ts';

const ready: WindowsLabFacts = {
  iso: { kind: 'windows', path: '/w.iso' },
  hasKvm: true,
  accelerator: undefined,
  memoryBytes: 16 * 1024 ** 3,
  diskBytes: 100 * 1024 ** 3,
  isRoot: true,
};

it('M53 needs nothing more where all is there', () => {
  expect(missingForWindows(ready)).toEqual([]);
});

it.each([
  { change: { iso: undefined }, says: /ISO .* --iso <file>/ },
  {
    change: { iso: { kind: 'unreadable', path: '/x', reason: 'no such file' } },
    says: /\/x: no such file/,
  },
  {
    change: { iso: { kind: 'other', path: '/x', reason: 'it is no disc image' } },
    says: /boot\.wim .*\/x: it is no disc image/,
  },
  { change: { isRoot: false }, says: /^Root/ },
  { change: { hasKvm: false }, says: /^\/dev\/kvm/ },
  { change: { memoryBytes: 2 * 1024 ** 3 }, says: /6\.0 GiB of memory; here are 2\.0/ },
  { change: { diskBytes: 1024 ** 3 }, says: /40\.0 GiB of free disk/ },
] satisfies { change: Partial<WindowsLabFacts>; says: RegExp }[])(
  'M53 says what is missing: $says',
  ({ change, says }) => {
    const missing = missingForWindows({ ...ready, ...change });
    expect(missing).toHaveLength(1);
    expect(missing[0]).toMatch(says);
  },
);

it('takes the slow way when it is asked to', () => {
  expect(missingForWindows({ ...ready, hasKvm: false, accelerator: 'tcg' })).toEqual([]);
});

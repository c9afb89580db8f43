import { expect, it } from 'vitest';
import { negotiate } from './negotiate.ts';

it.each([
  { asked: 'blksize=1468', agreed: 'blksize=1468', field: { blockSize: 1468 } },
  { asked: 'blksize=65464', agreed: 'blksize=65464', field: { blockSize: 65464 } },
  { asked: 'blksize=70000', agreed: 'blksize=65464', field: { blockSize: 65464 } },
  { asked: 'blksize=7', agreed: '', field: { blockSize: 512 } },
  { asked: 'blksize=abc', agreed: '', field: { blockSize: 512 } },
  { asked: 'blksize=-5', agreed: '', field: { blockSize: 512 } },
  { asked: 'tsize=0', agreed: 'tsize=1000', field: { sizeBytes: 1000 } },
  { asked: 'timeout=5', agreed: 'timeout=5', field: { timeoutMs: 5000 } },
  { asked: 'timeout=0', agreed: '', field: { timeoutMs: 1000 } },
  { asked: 'timeout=256', agreed: '', field: { timeoutMs: 1000 } },
  { asked: 'windowsize=4', agreed: 'windowsize=4', field: { windowSize: 4 } },
  { asked: 'windowsize=65535', agreed: 'windowsize=64', field: { windowSize: 64 } },
  { asked: 'windowsize=0', agreed: '', field: { windowSize: 1 } },
  { asked: 'multicast=', agreed: '', field: { blockSize: 512 } },
])('M51 answers $asked with "$agreed"', ({ asked, agreed, field }) => {
  const [name = '', value = ''] = asked.split('=');
  const settings = negotiate(new Map([[name, value]]), 1000);
  expect([...settings.agreed].map((pair) => pair.join('=')).join()).toBe(agreed);
  expect(settings).toMatchObject(field);
});

it('M51 answers all four together', () => {
  const asked = new Map([
    ['tsize', '0'],
    ['blksize', '1024'],
    ['timeout', '2'],
    ['windowsize', '8'],
  ]);
  expect(negotiate(asked, 7)).toEqual({
    sizeBytes: 7,
    blockSize: 1024,
    windowSize: 8,
    timeoutMs: 2000,
    agreed: new Map([...asked, ['tsize', '7']]),
  });
});

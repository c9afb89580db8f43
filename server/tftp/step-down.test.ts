import { describe, expect, it } from 'vitest';
import { negotiate } from './negotiate.ts';
import { STEPS, StepDowns, stepDown } from './step-down.ts';

const asked = new Map([
  ['tsize', '0'],
  ['blksize', '8192'],
  ['windowsize', '16'],
]);

describe('M51 a client whose transfer failed', () => {
  it.each([
    { step: 0, blockSize: 8192, windowSize: 16, agreed: 3 },
    { step: 1, blockSize: 1428, windowSize: 4, agreed: 3 },
    { step: 2, blockSize: 1024, windowSize: 1, agreed: 3 },
    { step: 3, blockSize: 512, windowSize: 1, agreed: 3 },
    { step: 4, blockSize: 512, windowSize: 1, agreed: 0 },
  ])('gets blocks of $blockSize in windows of $windowSize at step $step', (row) => {
    const { agreed, ...settings } = negotiate(stepDown(asked, row.step), 100);
    expect(settings).toMatchObject({ blockSize: row.blockSize, windowSize: row.windowSize });
    expect(agreed.size).toBe(row.agreed);
    // Never more than it asked for.
    const small = negotiate(stepDown(new Map([['blksize', '600']]), row.step), 100);
    expect(small.blockSize).toBe(Math.min(600, row.blockSize));
    expect(small.windowSize).toBe(1);
  });

  it('is stepped down once for transfers that fail together, to the end, and forgotten in time', () => {
    const steps = new StepDowns();
    const client = '10.0.0.5';
    expect(steps.stepOf(client, 0)).toBe(0);
    steps.failed(client, 0, 0);
    steps.failed(client, 0, 1);
    expect(steps.stepOf(client, 2)).toBe(1);
    for (let step = 1; step < 9; step += 1) steps.failed(client, step, 2);
    expect(steps.stepOf(client, 3)).toBe(STEPS.length - 1);
    expect(steps.stepOf('10.0.0.6', 3)).toBe(0);
    expect(steps.stepOf(client, 3 + 31 * 60_000)).toBe(0);
  });
});

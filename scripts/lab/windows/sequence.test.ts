import { expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { installWindows } from './sequence.ts';

it('M53 installs Windows by a sequence that this version reads', () => {
  expect(() => parseTaskSequence(installWindows(6), steps)).not.toThrow();
});

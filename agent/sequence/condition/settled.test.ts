import { describe, expect, it } from 'vitest';
import type { Condition } from '../condition.ts';
import { Variables } from '../variables.ts';
import { settled } from './settled.ts';

const variables = Variables.none.setAll(
  [
    ['_SMSTSBootUEFI', 'true'],
    ['_SMSTSLastActionRetCode', '0'],
    ['Mine', 'true'],
  ].map(([name = '', value = '']) => ({ name, value, secret: false })),
);
const is = (variable: string, value: string): Condition => ({
  kind: 'variable',
  variable,
  operator: 'equals',
  value,
});
const yes = is('_SMSTSBootUEFI', 'true');
const no = is('_smstsbootuefi', 'false');
const open = is('Mine', 'true');
const file: Condition = { kind: 'file', path: '/x' };

describe('M03 a condition before the first step', () => {
  it.each<[Condition, boolean | undefined]>([
    [yes, true],
    [no, false],
    [open, undefined],
    [is('_SMSTSLastActionRetCode', '0'), undefined],
    [is('_SMSTSInWinPE', 'true'), undefined],
    [is('_SMSTSBootUEFI', '%Mine%'), undefined],
    [file, undefined],
    [{ all: [] }, true],
    [{ all: [yes, file] }, undefined],
    [{ all: [file, no] }, false],
    [{ any: [file, yes] }, true],
    [{ any: [no, open] }, undefined],
    [{ any: [no, no] }, false],
    [{ none: [file, yes] }, false],
    [{ none: [file, no] }, undefined],
    [{ none: [no] }, true],
  ])('%j is settled as %j', (condition, expected) => {
    expect(settled(condition, variables)).toBe(expected);
  });
});

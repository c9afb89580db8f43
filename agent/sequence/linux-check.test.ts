import { describe, expect, it } from 'vitest';
import { applyDebian, checkSteps, imagePackage, linuxDisk } from '../steps/testing/run-step.ts';

const registry = { kind: 'registry', key: 'HKLM\\X', operator: 'exists' };
const software = { kind: 'software', match: 'any-version', upgradeCode: '%Code%' };
const bios = { kind: 'variable', variable: '_SMSTSBootUEFI', operator: 'exists' };
const variable = { kind: 'variable', variable: 'Later', operator: 'exists' };
const [linux, windows, data] = ['linux', 'windows', 'data'].map((kind, index) =>
  imagePackage({ kind }, `MWL0000${index + 1}`),
);
const apply = (id: string, more: object = {}) => ({
  type: 'apply-image',
  params: { image: { id } },
  ...more,
});
async function found(steps: readonly object[], content = [linux, windows, data]) {
  const packages = content.flatMap((each) => each ?? []);
  const { findings, untouched } = await checkSteps({
    steps: [linuxDisk, ...steps],
    content: packages,
  });
  expect(untouched).toBe(true);
  return findings.filter(({ error }) => error.code === 'condition.platform');
}

describe('M03 M26 before a Linux image is installed by Linux PE', () => {
  const condition = { any: [variable, registry, software] };

  it('each condition that only Windows can answer stops the run, also of a step that is forgiven', async () => {
    const findings = await found([{ ...applyDebian, continueOnError: true, condition }]);
    expect(findings).toEqual([
      {
        stepId: '1',
        name: expect.any(String),
        fatal: true,
        error: {
          code: 'condition.platform',
          message: expect.stringMatching(/^steps\[1\]\.condition\.any\[1\]: a registry/),
          hint: expect.any(String),
        },
      },
      expect.objectContaining({
        error: expect.objectContaining({ message: expect.stringContaining('any[2]') }),
      }),
    ]);
  });

  it.each<[string, readonly object[], number]>([
    [
      'a Linux image and one of data',
      [applyDebian, apply('MWL00003'), { ...apply('MWL00001'), condition }],
      2,
    ],
    ['a Windows image too', [applyDebian, apply('MWL00002', { condition })], 0],
    [
      'a Windows image in a disabled step',
      [{ ...applyDebian, condition }, apply('MWL00002', { disabled: true })],
      2,
    ],
    ['only a Windows image', [apply('MWL00002', { condition })], 0],
    ['only data', [apply('MWL00003', { condition })], 0],
    ['no image that is there', [apply('MWL00009', { condition })], 0],
    ['a disabled step', [applyDebian, apply('MWL00001', { condition, disabled: true })], 0],
    [
      'a step of another firmware',
      [applyDebian, apply('MWL00001', { condition: { all: [bios, registry] } })],
      0,
    ],
    [
      'a step that is run in any case',
      [applyDebian, apply('MWL00001', { condition: { none: [{ all: [bios, registry] }] } })],
      0,
    ],
  ])('with %s', async (_name, steps, count) => {
    expect(await found(steps)).toHaveLength(count);
  });
});

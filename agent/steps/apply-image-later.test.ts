import { describe, expect, it } from 'vitest';
import { applyImage } from './apply-image.ts';
import { applyDebian, checkSteps, imagePackage, linuxDisk, runSteps } from './testing/run-step.ts';
import { faultsOf, simulateSteps, windowsDisk } from './testing/simulate-run.ts';

const answers = { package: { id: 'MWL00002', name: 'Answers' }, file: 'unattend.xml' };
const source = { upgradePackage: { name: 'Windows 11 media' }, index: 3 };
const image = { image: { name: 'Windows 11' } };
const apply = (params: object) => ({ type: 'apply-image', params });
const later = [
  [{ directAccess: true }, 'access content directly from the distribution point'],
] as const;

describe('M02 settings of apply-image that its action does not know', () => {
  it.each(later)('%j is refused before the first step, and when it runs', async (params, told) => {
    const run = {
      steps: [linuxDisk, { ...applyDebian, params: { ...applyDebian.params, ...params } }],
      content: [imagePackage(), imagePackage({}, 'MWL00002')],
    };
    const { findings } = await checkSteps(run);
    const message = `"Apply Operating System Image" cannot do this yet: ${told}`;
    const error = { code: 'step.later', message };
    expect(findings).toMatchObject([{ error, fatal: true }]);
    const { state } = await runSteps(run);
    expect(state.result?.error).toMatchObject(error);
  });

  it.each(later)('%j is simulated, with a note', async (params, told) => {
    const { result, notes } = await simulateSteps([windowsDisk, apply({ ...image, ...params })]);
    expect(result.error).toBeNull();
    expect(notes.join()).toContain(`Apply Operating System Image (${told})`);
  });

  it('an original installation source is simulated up to the new Windows', async () => {
    const setup = { type: 'setup-windows', params: {} };
    const { result, content, last } = await simulateSteps([
      windowsDisk,
      apply({ ...source, answerFile: answers }),
      setup,
    ]);
    expect(result.error).toBeNull();
    expect(content.map(({ name }) => name)).toEqual(['Windows 11 media', 'Answers']);
    expect(last?.restart?.environment).toBe('full-os');
  });

  it('are variables too', () => {
    expect(applyImage.actionVariables?.toVariables({ ...source, answerFile: answers })).toEqual({
      OSDInstallEditionIndex: '3',
      OSDConfigFileName: 'unattend.xml',
    });
    const presets: Readonly<Record<string, string>> = {
      OSDImageIndex: '9',
      OSDConfigFileName: 'other.xml',
      OsdLayeredDriver: '2',
    };
    const preset = (name: string) => presets[name];
    expect(applyImage.actionVariables?.override({ ...source }, preset)).toEqual({
      ...source,
      layeredDriver: 2,
    });
    expect(applyImage.actionVariables?.override({ answerFile: answers }, preset)).toEqual({
      index: 9,
      answerFile: { ...answers, file: 'other.xml' },
      layeredDriver: 2,
    });
  });

  it.each([
    [{}, 'needs either an image or an original installation source'],
    [{ ...image, ...source }, 'needs either an image or an original installation source'],
    [{ ...image, answerFile: { file: 'unattend.xml' } }, 'params.answerFile.package'],
    [{ ...image, answerFile: { ...answers, file: '' } }, 'params.answerFile.file'],
    [{ ...image, layeredDriver: 7 }, 'params.layeredDriver'],
    [{ ...image, destination: { drive: 'C:\\' } }, 'no drive letter'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('apply-image', params)).toEqual([expect.stringContaining(fault)]);
  });
});

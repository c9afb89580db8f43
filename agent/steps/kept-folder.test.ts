import { describe, expect, it } from 'vitest';
import { StepVariables } from '#agent/sequence/step-variables.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { keptFolders } from './kept-folder.ts';
import { checkSteps, GB, imagePackage, runSteps } from './testing/run-step.ts';

const volume = 'gpt:22222222-2222-4222-8222-222222222222';
const kept = (
  path: string,
  environment: 'winpe' | 'linux-pe' = 'winpe',
  partition: { readonly letter?: string; readonly volume: string } = { letter: 'C', volume },
) => {
  const change = { name: '_SMSTSUserStatePath', value: path, secret: false };
  return keptFolders(new StepVariables(Variables.none.setAll([change])), partition, environment);
};

describe('M55 the folder of _SMSTSUserStatePath', () => {
  it.each([
    ['C:\\UserState', ['\\UserState']],
    ['c:/Data\\\\Users\\', ['\\Data\\Users']],
    [`${volume}\\UserState`, ['\\UserState']],
    [`${volume.toUpperCase().replace('GPT', 'gpt')}\\UserState`, ['\\UserState']],
    ['D:\\UserState', []],
    ['\\\\server\\state\\C:\\UserState', []],
    ['gpt:11111111-1111-4111-8111-111111111111\\UserState', []],
    // Not from the root: no path that lasts.
    ['C:UserState', []],
    ['', []],
  ])('%j on the volume stays', (path, folders) => {
    expect(kept(path)).toEqual(folders);
    expect(kept(path, 'winpe', { volume })).toEqual(path.startsWith('gpt:2') ? folders : []);
  });

  it.each(['C:', 'C:\\', `${volume}\\`, 'C:\\State\\..', 'C:\\.\\State'])(
    '%j is none that could stay',
    (path) => {
      expect(() => kept(path)).toThrow(expect.objectContaining({ code: 'image.beside' }));
    },
  );

  it('refuses in Linux PE, which has no letters', () => {
    for (const path of [`${volume}\\UserState`, 'D:\\UserState'])
      expect(() => kept(path, 'linux-pe', { volume })).toThrow(/^User state to keep is in/);
    expect(kept('\\\\server\\state', 'linux-pe', { volume })).toEqual([]);
  });
});

describe('M55 images and user state', () => {
  const data = imagePackage({ name: 'Files', kind: 'data', architecture: null }, 'MWL00002');
  const windows = imagePackage({ name: 'Windows 11', kind: 'windows' });
  const steps = [
    { type: 'apply-image', params: { image: { id: 'MWL00001' } } },
    { type: 'apply-data-image', params: { image: { id: 'MWL00002' } } },
  ];
  const [system, other] = ['2', '3'].map(
    (last) => `gpt:00000000-0000-4000-8000-00000000000${last}`,
  );
  const partitions = [
    { type: 'efi' as const, sizeBytes: GB / 2, fileSystem: 'fat32' },
    { sizeBytes: 8 * GB, fileSystem: 'ntfs' },
    { sizeBytes: 8 * GB, fileSystem: 'ntfs' },
  ];
  const disks = [{ sizeBytes: 20 * GB, partitions }];
  const UserState = ['\\UserState'];

  it.each([
    [system, UserState, []],
    [other, [], UserState],
  ])('on %s stays there, and what is elsewhere is deleted', async (drive, ofWindows, ofData) => {
    const { machine, state } = await runSteps({
      steps,
      content: [windows, data],
      machine: { pe: 'winpe', disks },
      variables: { _SMSTSUserStatePath: `${drive}\\UserState` },
    });
    expect(state.result?.error).toBeUndefined();
    expect(machine.applied).toEqual([
      { volume: system, keep: ofWindows },
      { volume: other, keep: ofData },
    ]);
  });

  it.each([steps[0], { ...steps[1], params: { image: { id: 'MWL00002' }, wipe: true } }])(
    'is refused in Linux PE before the first step, and when it runs: %j',
    async (step) => {
      const run = {
        steps: [step ?? {}],
        content: [windows, data],
        machine: { disks },
        variables: { _SMSTSUserStatePath: 'C:\\UserState' },
      };
      const { findings } = await checkSteps(run);
      expect(findings).toMatchObject([{ error: { code: 'image.beside' }, fatal: true }]);
      const { machine, state } = await runSteps(run);
      expect(state.result?.error?.code).toBe('image.beside');
      expect(machine.applied).toEqual([]);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { imagePackage, runSteps } from './testing/run-step.ts';

const content = [imagePackage(), imagePackage({}, 'MWL00009')];
const step = (params: object = {}) => ({
  type: 'download-content',
  params: {
    packages: [{ package: { id: 'MWL00009' } }, { osImage: { id: 'MWL00001' } }],
    baseVariable: 'At',
    ...params,
  },
});
const format = {
  type: 'format-disk',
  params: { partitions: [{ type: 'primary', fileSystem: 'ntfs', variable: 'Data' }] },
};
const inWindows = {
  installed: true,
  os: { family: 'windows', version: '10.0.22631', productType: 'client', language: 1033 },
} as const;
const inLinux = {
  installed: true,
  os: { family: 'linux', version: '12', productType: null, language: null },
} as const;

describe('M02 download-content, run', () => {
  it.each(['linux-pe', 'winpe'] as const)('says in %s where each package lies', async (pe) => {
    const { state, value } = await runSteps({ steps: [step()], content, machine: { pe } });
    expect(state.result).toMatchObject({ succeeded: true });
    expect([value('At01'), value('At02')]).toEqual([
      '/simulated/content/MWL00009',
      '/simulated/content/MWL00001',
    ]);
  });

  it('goes on behind one that fails, keeps its number free, and fails in the end', async () => {
    const { state, value } = await runSteps({ steps: [step()] });
    expect(state.result?.error?.code).toBe('content.some-failed');
    expect([value('At01'), value('At02')]).toEqual([undefined, '/simulated/content/MWL00001']);
  });

  it('stops at the first that fails where it is told so', async () => {
    const { state, value } = await runSteps({ steps: [step({ continueOnDownloadError: false })] });
    expect(state.result?.error?.code).toBe('content.missing');
    expect(value('At02')).toBeUndefined();
  });

  describe('to a path of its own', () => {
    it('on a volume by the variable of a step, in Linux PE and in Windows PE', async () => {
      for (const pe of ['linux-pe', 'winpe'] as const) {
        const { value, state, machine } = await runSteps({
          steps: [format, step({ location: 'custom', path: '%Data%\\In\\Here\\' })],
          content,
          machine: { pe },
        });
        expect(state.result?.error).toBeUndefined();
        const [volume] = machine.storage.list().flatMap((disk) => disk.partitions);
        const parent = `/simulated/${volume?.volume}/In/Here`;
        const told = pe === 'linux-pe' ? `${volume?.volume}\\In\\Here\\` : `${parent}/`;
        expect([value('At01'), value('At02')]).toEqual([`${told}MWL00009`, `${told}MWL00001`]);
      }
    });

    it.each([
      ['D:\\In', inWindows, 'D:\\In'],
      ['D:', inWindows, 'D:\\'],
      ['d:/In/../Out', inWindows, 'D:\\Out'],
      ['\\\\server\\share\\In', inWindows, '\\\\server\\share\\In'],
      ['/srv/in', inLinux, '/srv/in'],
    ])('%s in an installed system is %s', async (path, machine, parent) => {
      const run = await runSteps({ steps: [step({ location: 'custom', path })], content, machine });
      expect(run.state.result?.error).toBeUndefined();
      expect(run.value('At01')).toBe(`${parent}/MWL00009`);
    });

    it.each([
      ['In', {}, 'does not say on which drive or volume'],
      ['D:In', inWindows, 'does not say on which drive or volume'],
      ['\\In', inWindows, 'does not say on which drive or volume'],
      ['/srv/in', inWindows, 'does not say on which drive or volume'],
      ['D:\\..\\In', inWindows, 'leads out of its volume'],
      ['D:\\In', {}, 'volumes have no letters in linux-pe'],
      ['D:\\In', inLinux, 'volumes have no letters in full-os'],
      ['\\\\server\\share\\In', {}, 'connect it first'],
    ])('refuses %j', async (path, machine, why) => {
      const { state } = await runSteps({
        steps: [step({ location: 'custom', path })],
        content,
        machine,
      });
      expect(state.result?.error).toMatchObject({
        code: 'content.destination',
        message: expect.stringContaining(why),
      });
    });

    it('fails for a volume that is not there', async () => {
      const path = 'gpt:00000000-0000-4000-8000-0000000000ff\\In';
      const { state } = await runSteps({ steps: [step({ location: 'custom', path })], content });
      expect(state.result?.error?.code).toBe('disk.volume');
    });
  });

  describe('to the cache of the client', () => {
    it('is a folder of the installed system', async () => {
      const { value } = await runSteps({
        steps: [step({ location: 'client-cache' })],
        content,
        machine: inWindows,
      });
      expect(value('At02')).toBe('C:\\Windows\\ccmcache/MWL00001');
    });

    it.each(['linux-pe', 'winpe'] as const)('is refused in %s', async (pe) => {
      const { state, value } = await runSteps({
        steps: [step({ location: 'client-cache' })],
        content,
        machine: { pe },
      });
      expect(state.result?.error).toMatchObject({
        code: 'content.no-client-cache',
        message: expect.stringContaining(pe),
        hint: expect.stringContaining('behind Setup Windows'),
      });
      expect(value('At01')).toBeUndefined();
    });
  });
});

import { describe, expect, it } from 'vitest';
import { imagePackage, runSteps } from './testing/run-step.ts';

const step = (params: object = {}) => ({
  type: 'download-content',
  params: {
    packages: [{ package: { id: 'MWL00009' } }, { osImage: { id: 'MWL00001' } }],
    baseVariable: 'At',
    ...params,
  },
});

describe('M02 download-content, run', () => {
  it.each(['linux-pe', 'winpe'] as const)('says in %s where each package lies', async (pe) => {
    const content = [imagePackage(), imagePackage({}, 'MWL00009')];
    const { state, value, log } = await runSteps({
      steps: [step({ location: 'client-cache' })],
      content,
      machine: { pe },
    });
    expect(state.result).toMatchObject({ succeeded: true });
    expect([value('At01'), value('At02')]).toEqual([
      '/simulated/content/MWL00009',
      '/simulated/content/MWL00001',
    ]);
    expect(log.join()).toContain('no cache of a client');
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
});

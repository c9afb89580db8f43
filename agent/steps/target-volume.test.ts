import { describe, expect, it } from 'vitest';
import { StepVariables } from '#agent/sequence/step-variables.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { targetVolume } from './target-volume.ts';
import { applyDebian, linuxDisk, runSteps } from './testing/run-step.ts';

describe('M55 the volume that steps after apply-image work on', () => {
  it('is the one that it was applied to', async () => {
    const { value } = await runSteps({ steps: [linuxDisk, applyDebian] });
    expect(value('OSVolume')).toMatch(/^gpt:/);
    expect(value('_OSDTargetVolume')).toBe(value('OSVolume'));
  });

  it('is the last one of several', async () => {
    const partitions = [
      { type: 'efi', size: { mb: 512 } },
      { fileSystem: 'ext4', size: { gb: 5 }, variable: 'First' },
      { fileSystem: 'ext4', variable: 'Second' },
    ];
    const disk = { type: 'format-disk', params: { partitions } };
    const { value } = await runSteps({ steps: [disk, applyDebian, applyDebian] });
    expect(value('_OSDTargetVolume')).toBe(value('Second'));
  });

  it('without an operating system there is none', () => {
    const variables = new StepVariables(Variables.none);
    expect(() => targetVolume({ variables })).toThrow(
      expect.objectContaining({ code: 'image.none-applied' }),
    );
  });
});

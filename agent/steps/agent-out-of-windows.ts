import type { VolumeId } from '#agent/sequence/platform.ts';
import type { StepContext } from '#agent/sequence/step.ts';
import { SERVICE_NAME } from '../windows-setup/service.ts';
import { restoreChanges, setupScripts } from '../windows-setup/setup-files.ts';
import { windowsOf } from './windows-of.ts';

/**
 * Takes the agent's service and its scripts of Windows Setup out of a Windows that does not run: on a machine of the
 * image they would start what is not there. Its folder stays: it is left out of the image. May be done twice.
 */
export async function takeAgentOut(
  volume: VolumeId,
  { platform, signal }: Pick<StepContext, 'platform' | 'signal'>,
): Promise<void> {
  const windows = windowsOf(platform);
  for (const { script } of setupScripts) {
    const found = await windows.files.read({ volume, path: script.path }, signal);
    const changes = restoreChanges(script, found);
    await windows.files.change({ volume, changes }, signal);
  }
  const key = `CurrentControlSet\\Services\\${SERVICE_NAME}`;
  const edits = [{ kind: 'delete-key', key }] as const;
  await windows.editRegistry({ volume, hive: 'SYSTEM', edits }, signal);
}

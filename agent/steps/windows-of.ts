import type { Platform } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step-error.ts';
import type { WindowsCapability } from '#agent/sequence/windows-capability.ts';

/** What this machine can do with a Windows on its disk. @throws {StepError} `windows.unavailable` */
export function windowsOf({
  windows,
  environment,
}: Platform): WindowsCapability & Required<Pick<WindowsCapability, 'files' | 'newPassword'>> {
  const { files, newPassword } = windows ?? {};
  if (windows && files && newPassword) return { ...windows, files, newPassword };
  throw new StepError(
    'windows.unavailable',
    `The agent in ${environment} does not work on a Windows that is installed`,
    { hint: 'Use a newer boot image.', exitCode: 0x80070032 },
  );
}

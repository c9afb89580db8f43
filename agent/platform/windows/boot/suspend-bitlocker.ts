import { StepError } from '../../../sequence/step-error.ts';
import { isProtected } from '../tools/manage-bde.ts';
import type { BootParts } from './install-windows.ts';

/**
 * For one restart: a changed boot configuration would make BitLocker ask for its recovery key.
 * @throws {StepError} `boot.stage-bitlocker`
 */
export async function suspendBitLocker(
  letter: string,
  { runTool, log }: BootParts,
  signal: AbortSignal,
): Promise<void> {
  const status: [string, ...string[]] = [
    'manage-bde.exe',
    '-status',
    `${letter}:`,
    '-protectionaserrorlevel',
  ];
  const isOn = async (): Promise<boolean> =>
    isProtected((await runTool({ argv: status, allowed: 'any' }, signal)).code);
  try {
    if (!(await isOn())) return;
  } catch (error) {
    // Windows PE may have no BitLocker, and then cannot have unlocked a volume; nor has every edition of Windows.
    if (error instanceof StepError && error.code === 'process.not-found') return;
    throw error;
  }
  const disable = ['-protectors', '-disable', `${letter}:`, '-RebootCount', '1'];
  await runTool({ argv: ['manage-bde.exe', ...disable] }, signal);
  if (await isOn())
    throw new StepError('boot.stage-bitlocker', `BitLocker of ${letter}: could not be suspended`, {
      hint: 'Suspend it before the restart, by a Disable BitLocker step.',
    });
  log(`BitLocker of ${letter}: is suspended for one restart`);
}

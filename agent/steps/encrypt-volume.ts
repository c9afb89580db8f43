/** What the steps of BitLocker have in common. */
import type {
  BitLockerCapability,
  EncryptionMethod,
} from '#agent/sequence/bitlocker-capability.ts';
import type { VolumeId } from '#agent/sequence/platform.ts';
import type { StepContext } from '#agent/sequence/step.ts';
import { StepError } from '#agent/sequence/step-error.ts';

/** TPM_E_NOT_FOUND-like: FVE_E_NO_LICENSE and others have codes of their own. */
const NO_TPM_CODE = 0x80310002;

const METHODS: Readonly<Record<string, EncryptionMethod>> = {
  'aes-128': 'AES_128',
  'aes-256': 'AES_256',
  'xts-aes-128': 'XTS_AES128',
  'xts-aes-256': 'XTS_AES256',
};

/** @throws {StepError} `agent.platform` where this agent has none, as in Linux */
export function bitLockerOf({ platform }: Pick<StepContext, 'platform'>): BitLockerCapability {
  if (platform.bitLocker) return platform.bitLocker;
  throw new StepError('agent.platform', `There is no BitLocker in ${platform.environment}`, {
    exitCode: 0x80070032,
  });
}

/**
 * Whether the machine has a TPM that can be used; where it has not, `skip` says whether that is logged or
 * an error. @throws {StepError} `bitlocker.no-tpm`
 */
export async function hasTpm(context: StepContext, skip: boolean): Promise<boolean> {
  const { present, enabled, activated } = await bitLockerOf(context).tpm(context.signal);
  if (present && enabled && activated) return true;
  const what = present
    ? `The TPM is not ${enabled ? 'activated' : 'enabled'}`
    : 'This machine has no TPM';
  if (!skip)
    throw new StepError('bitlocker.no-tpm', what, {
      hint: 'Switch it on in the firmware, or let the step skip such machines.',
      exitCode: NO_TPM_CODE,
    });
  context.log(`Warning: skipped. ${what}`);
  return false;
}

/** Begins to encrypt; a method that this Windows has not gives way to its own. */
export async function startEncryption(
  context: StepContext,
  volume: VolumeId,
  { encryptionMode, fullDisk }: { readonly encryptionMode: string; readonly fullDisk: boolean },
): Promise<void> {
  const bitLocker = bitLockerOf(context);
  const method = METHODS[encryptionMode] ?? null;
  const request = { volume, usedSpaceOnly: !fullDisk };
  try {
    await bitLocker.start({ ...request, method }, context.signal);
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'bitlocker.method') throw error;
    context.log(`Warning: ${error.message}; it takes its own method`);
    await bitLocker.start({ ...request, method: null }, context.signal);
  }
}

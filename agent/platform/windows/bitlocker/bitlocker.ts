import type {
  BitLockerCapability,
  EncryptionMethod,
  VolumeEncryption,
} from '../../../sequence/bitlocker-capability.ts';
import type { DiskCapability, VolumeId } from '../../../sequence/platform.ts';
import type { QueryCapability } from '../../../sequence/query-capability.ts';
import { StepError } from '../../../sequence/step-error.ts';
import type { Registry } from '../query/registry.ts';
import { type RunWindowsTool, type ToolCommand, type ToolRun, toolFailure } from '../run-tool.ts';
import { isProtected, parseBitLockerStatus } from '../tools/manage-bde.ts';
import { addWithSecret } from './add-with-secret.ts';
import { encryptionOf } from './encryption.ts';
import { optionsOf, protectorIds, protectorTypes, secretOf } from './key-protectors.ts';
import { windowsTpm } from './tpm.ts';

const TIMEOUT_MS = 10 * 60_000;
/** E_INVALIDARG and ERROR_INVALID_PARAMETER: of `-EncryptionMethod`, the only value that can be wrong. */
const NO_SUCH_METHOD = new Set([0x80070057, 87]);

const METHODS: Readonly<Record<EncryptionMethod, string>> = {
  AES_128: 'aes128',
  AES_256: 'aes256',
  XTS_AES128: 'xts_aes128',
  XTS_AES256: 'xts_aes256',
};

export interface BitLockerParts {
  readonly runTool: RunWindowsTool;
  readonly registry: Pick<Registry, 'tree'>;
  readonly query: Pick<QueryCapability, 'inventory' | 'wmi'>;
  readonly disk: Pick<DiskCapability, 'list' | 'mount'>;
  /** `C:\Windows`, of the Windows that runs. */
  readonly systemRoot: string;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** BitLocker by manage-bde: exit codes, numbers and ids are read, never words; each change is read back. */
export function windowsBitLocker(parts: BitLockerParts): BitLockerCapability {
  const { runTool, disk, systemRoot, wait } = parts;
  const bde = async (
    args: readonly string[],
    options: Pick<ToolCommand, 'allowed'>,
    signal: AbortSignal,
  ): Promise<ToolRun> => {
    const argv = [`${systemRoot}\\System32\\manage-bde.exe`, ...args] as const;
    return runTool({ argv, timeoutMs: TIMEOUT_MS, ...options }, signal).catch((error: unknown) => {
      throw asMissing(error);
    });
  };
  /** `C:`, as manage-bde names a volume. */
  const driveOf = async (volume: VolumeId, signal: AbortSignal): Promise<string> => {
    await using mounted = await disk.mount(volume, signal);
    return mounted.path.replace(/\\+$/, '');
  };
  const isOn = async (drive: string, signal: AbortSignal): Promise<boolean> => {
    const args = ['-status', drive, '-protectionaserrorlevel'];
    return isProtected((await bde(args, { allowed: 'any' }, signal)).code);
  };
  const statusOf = async (drive: string, signal: AbortSignal): Promise<VolumeEncryption> => {
    const { stdout } = await bde(['-status', drive], {}, signal);
    const [status] = parseBitLockerStatus(stdout);
    const percent = status?.percentEncrypted ?? null;
    const protectionOn = await isOn(drive, signal);
    if (percent === null) return { state: 'other', percent: 0, protectionOn };
    if (percent === 100) return { state: 'encrypted', percent, protectionOn };
    const state = percent === 0 && status?.method === null ? 'decrypted' : 'encrypting';
    return { state, percent, protectionOn };
  };
  const idsOf = async (
    { drive, type, password = '' }: { drive: string; type: string; password?: string },
    signal: AbortSignal,
  ): Promise<string[]> => {
    // It fails where there is none.
    const args = ['-protectors', '-get', drive, '-Type', type];
    const { stdout } = await bde(args, { allowed: 'any' }, signal);
    return protectorIds(stdout, password);
  };

  return {
    tpm: async (signal) => windowsTpm(parts, signal),

    async volumeOf(drive, signal) {
      const letter = (drive ?? systemRoot).slice(0, 1).toUpperCase();
      const disks = await disk.list(signal);
      const found = disks
        .flatMap(({ partitions }) => partitions)
        .find((partition) => partition.letter === letter);
      if (found) return found.volume;
      throw new StepError('bitlocker.no-drive', `There is no drive ${letter}: on a disk here`, {
        hint: 'Letters move: look at the partitions in the log of the run.',
        exitCode: 0x8007000f,
      });
    },

    status: async (volume, signal) => statusOf(await driveOf(volume, signal), signal),

    protectors: async ({ volume, kind, ...more }, signal) =>
      idsOf({ drive: await driveOf(volume, signal), type: protectorTypes[kind], ...more }, signal),

    async start({ volume, method, usedSpaceOnly }, signal) {
      const drive = await driveOf(volume, signal);
      const args = [
        '-on',
        drive,
        '-SkipHardwareTest',
        ...(usedSpaceOnly ? ['-UsedSpaceOnly'] : []),
      ];
      if (method !== null) args.push('-EncryptionMethod', METHODS[method]);
      const run = await bde(args, { allowed: 'any' }, signal);
      if (method !== null && NO_SUCH_METHOD.has(run.code))
        throw new StepError('bitlocker.method', `This Windows does not encrypt by ${method}`, {
          exitCode: run.code,
        });
      const { state } = await statusOf(drive, signal);
      if (state === 'encrypting' || state === 'encrypted') return;
      if (run.exit.outcome === 'failed') throw toolFailure({ argv: ['manage-bde', ...args] }, run);
      throw new StepError(
        'bitlocker.not-started',
        `manage-bde ended well, and ${drive} is not being encrypted`,
        { hint: 'Restart the machine and look at manage-bde -status.' },
      );
    },

    async addProtector({ volume, protector }, signal) {
      const drive = await driveOf(volume, signal);
      const secret = secretOf(protector);
      if (secret !== null) {
        const powershell = `${systemRoot}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
        const id = await addWithSecret(
          { runTool, powershell },
          { drive, protector: secret },
          signal,
        );
        return { id: id.toUpperCase() };
      }
      const type = protectorTypes[protector.kind];
      const before = await idsOf({ drive, type }, signal);
      const args =
        protector.kind === 'auto-unlock'
          ? ['-autounlock', '-enable', drive]
          : ['-protectors', '-add', drive, ...optionsOf(protector)];
      const run = await bde(args, {}, signal);
      const id = (await idsOf({ drive, type }, signal)).find((each) => !before.includes(each));
      if (id !== undefined) return { id };
      throw new StepError(
        'bitlocker.protector',
        `manage-bde ended with exit code ${run.code}, and ${drive} has no new protector ${type}`,
      );
    },

    async removeProtector({ volume, protectorId }, signal) {
      const drive = await driveOf(volume, signal);
      const run = await bde(['-protectors', '-delete', drive, '-id', protectorId], {}, signal);
      const { stdout } = await bde(['-protectors', '-get', drive], { allowed: 'any' }, signal);
      if (!protectorIds(stdout, '').includes(protectorId.toUpperCase())) return;
      throw new StepError(
        'bitlocker.protector',
        `manage-bde ended with exit code ${run.code}, and ${drive} has the protector ${protectorId} still`,
      );
    },

    async backUpToDirectory({ volume, protectorId }, signal) {
      const drive = await driveOf(volume, signal);
      const args = ['-protectors', '-adbackup', drive, '-id', protectorId];
      const run = await bde(args, { allowed: 'any' }, signal);
      if (run.exit.outcome !== 'failed') return;
      const { message, exitCode } = toolFailure({ argv: ['manage-bde', ...args] }, run);
      throw new StepError('bitlocker.escrow', `Active Directory did not take the key: ${message}`, {
        hint: 'The machine must be joined to a domain whose policy lets it keep recovery keys.',
        exitCode,
      });
    },

    async resume(volume, signal) {
      const drive = await driveOf(volume, signal);
      const run = await bde(['-protectors', '-enable', drive], {}, signal);
      const { state, protectionOn } = await statusOf(drive, signal);
      // What is still being encrypted is not protected before its end.
      if (protectionOn || state !== 'encrypted') return;
      throw new StepError(
        'bitlocker.not-protected',
        `manage-bde ended with exit code ${run.code}, and the protection of ${drive} is off`,
      );
    },

    async suspend({ volume, restarts }, signal) {
      const drive = await driveOf(volume, signal);
      const isSystem = drive.slice(0, 1).toUpperCase() === systemRoot.slice(0, 1).toUpperCase();
      const args = ['-protectors', '-disable', drive];
      // Only the volume of the operating system counts its starts.
      if (isSystem) args.push('-RebootCount', String(restarts));
      const run = await bde(args, {}, signal);
      if (!(await isOn(drive, signal))) return;
      throw new StepError(
        'bitlocker.not-suspended',
        `manage-bde ended with exit code ${run.code}, and the protection of ${drive} is on`,
      );
    },

    async *encrypted(volume, signal) {
      const drive = await driveOf(volume, signal);
      const status = async () => statusOf(drive, signal);
      yield* encryptionOf({ drive, status, wait }, signal);
    },
  };
}

/** Whether a volume is encrypted, wholly or in part; not where manage-bde is missing or cannot tell. */
export async function isEncrypted(
  bitLocker: Pick<BitLockerCapability, 'status'>,
  volume: VolumeId,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await bitLocker.status(volume, signal)).state !== 'decrypted';
  } catch (error) {
    if (error instanceof StepError) return false;
    throw error;
  }
}

/** Windows PE has manage-bde only with an optional component. */
function asMissing(error: unknown): unknown {
  if (!(error instanceof StepError) || error.code !== 'process.not-found') return error;
  return new StepError('bitlocker.component', 'There is no manage-bde in this Windows', {
    hint: 'Make the boot image with the optional components WinPE-WMI, WinPE-EnhancedStorage and WinPE-SecureStartup.',
    exitCode: error.exitCode,
    cause: error,
  });
}

/** Which volumes of a machine are captured, and why one is refused; by what was seen of them. Pure. */
import type { CapturedSystem, CaptureState } from '#agent/sequence/capture-capability.ts';
import type { Disk, Partition } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step-error.ts';

/** ERROR_NOT_SUPPORTED as an HRESULT. */
const NOT_SUPPORTED = 0x80070032;
const FILE_SYSTEMS = ['ntfs', 'fat32', 'ext4'];
/** What blkid calls volumes that hide their file system. */
const ENCRYPTED = ['bitlocker', 'crypto_luks'];
/** Sysprep's words for a Windows that goes through the answer file of a new machine. */
const GENERALIZED = /^IMAGE_STATE_(GENERALIZE|SPECIALIZE)_RESEAL_TO_(OOBE|AUDIT)$/;

/** A partition that may become an image. */
export interface Candidate {
  readonly disk: Disk;
  readonly partition: Partition;
}
/** One with what was seen of it. */
export interface SeenVolume extends Candidate {
  readonly state: CaptureState;
}
/** The one with the operating system. */
export interface SystemVolume extends Candidate {
  readonly system: CapturedSystem;
}

/** `partition 2 of disk 0 (ntfs, "Windows")` */
export function volumeName({ disk, partition }: Candidate): string {
  const { number, fileSystem, label } = partition;
  const more = [fileSystem || 'no file system', ...(label === '' ? [] : [`"${label}"`])];
  return `partition ${number} of disk ${disk.number} (${more.join(', ')})`;
}

/**
 * Partitions of fixed disks that hold files of the system or of people: no system, reserved and recovery partitions,
 * nothing on USB. What is encrypted, or in Windows cannot be told from it, is one, so that it can be refused.
 */
export function candidates(disks: readonly Disk[]): {
  readonly taken: readonly Candidate[];
  readonly passedOver: readonly Candidate[];
} {
  const all = disks
    .filter(({ removable, bootMedium }) => !removable && bootMedium !== true)
    .flatMap((disk) => disk.partitions.map((partition) => ({ disk, partition })))
    .filter(({ partition: { type } }) => !['efi', 'msr', 'recovery', 'extended'].includes(type));
  const isTaken = ({ partition: { fileSystem } }: Candidate): boolean =>
    fileSystem === '' || [...FILE_SYSTEMS, ...ENCRYPTED].includes(fileSystem.toLowerCase());
  return { taken: all.filter(isTaken), passedOver: all.filter((each) => !isTaken(each)) };
}

/** @throws {StepError} `capture.encrypted`, `capture.hibernated`, `capture.dirty` */
export function assertCapturable(seen: readonly SeenVolume[]): void {
  for (const each of seen) {
    const named = volumeName(each);
    switch (each.state.problem) {
      case null:
        break;
      case 'bitlocker':
      case 'luks': {
        const what = each.state.problem === 'luks' ? 'LUKS' : 'BitLocker';
        throw new StepError('capture.encrypted', `${named} is encrypted by ${what}`, {
          hint:
            what === 'LUKS'
              ? 'Install the reference machine without encryption: the image would be of no use elsewhere.'
              : 'Decrypt it in its Windows (manage-bde -off), and wait until it is done.',
          exitCode: 0x80310039, // what Sysprep refuses such a volume with
        });
      }
      case 'hibernated':
        throw new StepError('capture.hibernated', `The Windows on ${named} is hibernated`, {
          hint: 'Start it and shut it down in full: shutdown /s /t 0; Fast Startup hibernates too (powercfg /h off).',
          exitCode: NOT_SUPPORTED,
        });
      case 'dirty':
        throw new StepError(
          'capture.dirty',
          `${named} was not closed cleanly: its file system has to be checked first`,
          {
            hint: 'Start its system and shut it down; in Windows run chkdsk /f, in Linux e2fsck.',
            exitCode: 0x80070570, // ERROR_FILE_CORRUPT
          },
        );
    }
  }
}

/**
 * The volume whose system is captured. @param chosen `OSDTargetSystemRoot`, which decides where it names a volume
 * @throws {StepError} `capture.no-system`, `capture.several-systems`
 */
export function systemVolume(
  seen: readonly SeenVolume[],
  chosen: string | undefined,
  unread: readonly Candidate[] = [],
): SystemVolume {
  const found = seen.flatMap(({ disk, partition, state }) =>
    state.system === null ? [] : [{ disk, partition, system: state.system }],
  );
  const [volume] = /^(gpt|mbr):[0-9a-f-]+/i.exec(chosen?.trim() ?? '') ?? [];
  const fitting =
    volume === undefined
      ? found
      : found.filter(({ partition }) => partition.volume === volume.toLowerCase());
  const [first, ...others] = fitting;
  if (first === undefined) {
    const also = unread.length === 0 ? '' : `; not looked at: ${unread.map(volumeName).join(', ')}`;
    throw new StepError(
      'capture.no-system',
      volume === undefined
        ? `There is no Windows and no Linux on a fixed disk of this machine${also}`
        : `OSDTargetSystemRoot is ${chosen}, and there is no system on that volume${also}`,
      {
        hint: 'Systems on NTFS and ext4 are captured; not on LVM, RAID, btrfs, or drives on USB.',
        exitCode: 0x80070490,
      },
    );
  }
  if (others.length === 0) return first;
  throw new StepError(
    'capture.several-systems',
    `There are several systems: ${fitting.map((each) => `${volumeName(each)} is ${each.partition.volume}`).join('; ')}`,
    { hint: 'Set OSDTargetSystemRoot to the one to capture: gpt:… as the text says.' },
  );
}

/** @throws {StepError} `capture.not-prepared` */
export function assertPrepared(found: SystemVolume): void {
  const { system } = found;
  const refuse = (why: string): never => {
    throw new StepError('capture.not-prepared', `The system on ${volumeName(found)} ${why}`, {
      hint: 'Put a Prepare Windows for Capture step before this one, and no start of the system between them.',
      exitCode: NOT_SUPPORTED,
    });
  };
  if (system.kind === 'linux' && system.identity.length > 0)
    refuse(`is still this one machine: ${system.identity.join(', ')}`);
  if (system.kind === 'windows' && !GENERALIZED.test(system.imageState ?? ''))
    refuse(`was not generalized by Sysprep: it says ${system.imageState ?? 'nothing of itself'}`);
}

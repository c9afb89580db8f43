/**
 * Windows PE on the disk, started once. The boot configuration is changed by bcdedit, in the installed Windows
 * and in Windows PE alike: there the store of the disk is no system store, and is named to it. So no store that
 * Windows made is ever rewritten by a program that is not Windows'.
 */
import { copyFile, mkdir, readFile, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { BootImageFacts } from '#boot/boot-image-facts.ts';
import { fit } from '#boot/fit.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { below } from '../../below.ts';
import { hashFile } from '../../hash-file.ts';
import type { ScannedVolume } from '../disk/drives.ts';
import { storePath, systemVolumes } from './boot-store.ts';
import { type BootDisk, type BootParts, isFile, rootOf } from './install-windows.ts';
import { addEntry, ENGINE_FOLDER, FOLDER, removeEntries, SDI, WIM } from './staged-entry.ts';
import { suspendBitLocker } from './suspend-bitlocker.ts';

/** For the file system, and what Windows writes until it has restarted. */
const ROOM_BYTES = 256 * 1024 * 1024;

interface Staging {
  readonly parts: BootParts;
  readonly disk: BootDisk;
}

/** @throws {StepError} `boot.stage*`, `boot-image.architecture`, `machine.firmware`, `tool.*` */
export async function stagePe(
  folder: string,
  staging: Staging,
  signal: AbortSignal,
): Promise<void> {
  const { parts, disk } = staging;
  await checkImage(folder, parts);
  const [wim, sdi] = [below(folder, 'boot.wim'), below(folder, 'boot.sdi')];
  const needed = (await stat(wim)).size + (await stat(sdi)).size + ROOM_BYTES;
  await unstagePe(staging, signal);
  await using store = await openStore(staging, signal);
  const target = await chooseVolume(needed, staging);
  const { volume } = target.partition;
  await using lent = await disk.letter(volume, signal);
  const place = below(rootOf(parts, lent.letter), ENGINE_FOLDER, FOLDER);
  await copyVerified(wim, below(place, ...WIM), signal);
  await copyVerified(sdi, below(place, ...SDI), signal);
  await disk.flush(volume, signal);
  const systemLetter = parts.systemRoot.charAt(0).toUpperCase();
  for (const letter of new Set([lent.letter, systemLetter]))
    await suspendBitLocker(letter, parts, signal);
  // Of files that were formatted away since they were staged.
  await removeEntries(store.args, parts, signal);
  await addEntry(lent.letter, store.args, parts, signal);
  parts.log(`Windows PE is staged on ${lent.letter}:, and starts next`);
}

/** Takes away entries and files of an earlier staging. */
export async function unstagePe(staging: Staging, signal: AbortSignal): Promise<void> {
  const { parts, disk } = staging;
  const places = [];
  for (const volume of candidates(disk)) {
    const { letter } = volume.partition;
    const root = letter === undefined ? (volume.name ?? '') : rootOf(parts, letter);
    const place = below(root, ENGINE_FOLDER, FOLDER);
    if (await stat(place).catch(() => undefined)) places.push(place);
  }
  if (places.length === 0) return;
  {
    await using store = await openStore(staging, signal);
    await removeEntries(store.args, parts, signal);
  }
  for (const place of places) {
    await rm(place, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    // What else is in it stays.
    await rmdir(place.slice(0, -FOLDER.length - 1)).catch(() => {});
  }
}

async function checkImage(folder: string, { identity }: BootParts): Promise<void> {
  const text = await readFile(below(folder, 'boot-image.json'), 'utf8').catch(() => '');
  const facts = BootImageFacts.safeParse(parseJson(text));
  const files = await Promise.all(
    ['boot.wim', 'boot.sdi'].map(async (name) => isFile(below(folder, name))),
  );
  if (!facts.success || files.includes(false))
    throw new StepError('boot.stage-image', 'The boot image package is not one of Windows PE', {
      hint: 'Make the boot image of the task sequence again.',
    });
  const { architecture } = facts.data;
  const name = 'the boot image of the task sequence';
  const verdict = fit(identity, { kind: 'boot-image', name, architecture });
  if (verdict.kind === 'refused') throw new StepError(verdict.code, verdict.reason);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Options that name the store: none for that of the Windows that runs. */
async function openStore(
  { parts, disk }: Staging,
  signal: AbortSignal,
): Promise<AsyncDisposable & { readonly args: readonly string[] }> {
  if (parts.settings.environment === 'full-os')
    return { args: [], async [Symbol.asyncDispose]() {} };
  const { firmware } = parts.identity;
  const disks = disk.scan().filter((each) => !each.disk.removable);
  for (const { partition } of systemVolumes(disks, firmware)) {
    const lent = await disk.letter(partition.volume, signal);
    const path = storePath(rootOf(parts, lent.letter), firmware);
    if (await isFile(path)) return { ...lent, args: ['/store', path] };
    await lent[Symbol.asyncDispose]();
  }
  throw new StepError(
    'boot.stage-store',
    'No disk has a boot configuration to start Windows PE from',
    {
      hint: 'Start the machine from the network or from media.',
    },
  );
}

/** Volumes of Windows on fixed disks. */
function candidates(disk: BootDisk): readonly ScannedVolume[] {
  return disk
    .scan()
    .filter((each) => !each.disk.removable && !each.disk.readOnly)
    .flatMap(({ volumes }) => volumes)
    .filter(({ name, partition }) => {
      const isOfWindows = partition.type === 'primary' || partition.type === 'logical';
      return name !== undefined && isOfWindows && partition.fileSystem === 'ntfs';
    });
}

/** That of the Windows that runs, if it has room; else the one with most. @throws {StepError} `boot.stage-space` */
async function chooseVolume(needed: number, { parts, disk }: Staging): Promise<ScannedVolume> {
  const systemLetter = parts.systemRoot.charAt(0).toUpperCase();
  const seen = [];
  for (const volume of candidates(disk)) {
    const { letter } = volume.partition;
    const root = letter === undefined ? (volume.name ?? '') : rootOf(parts, letter);
    // One that BitLocker has locked tells nothing.
    const space = await statfs(root).catch(() => undefined);
    if (space)
      seen.push({ volume, free: space.bavail * space.bsize, own: letter === systemLetter });
  }
  const [best] = seen
    .filter(({ free }) => free >= needed)
    .toSorted((one, other) => Number(other.own) - Number(one.own) || other.free - one.free);
  if (best) return best.volume;
  const most = Math.max(0, ...seen.map(({ free }) => free));
  throw new StepError(
    'boot.stage-space',
    `Windows PE needs ${needed} bytes on an NTFS volume of a fixed disk; there are ${seen.length}, with ${most} free at most`,
    { exitCode: 0x80070070, hint: 'Free some room on the disk before the restart.' },
  );
}

/** What is read back must be what was verified when it was fetched. */
async function copyVerified(from: string, to: string, signal: AbortSignal): Promise<void> {
  await mkdir(to.slice(0, Math.max(to.lastIndexOf('/'), to.lastIndexOf('\\'))), {
    recursive: true,
  });
  await copyFile(from, to);
  const [wanted, found] = [await hashFile(from, signal), await hashFile(to, signal)];
  if (wanted !== found)
    throw new StepError('boot.stage-read-back', `${to} reads back as ${found}, not as ${wanted}`, {
      exitCode: 0x8007001d,
      hint: 'The disk may be failing; see its SMART data.',
    });
}

/**
 * The boot manager that bcdboot puts onto the EFI partition is one that this firmware starts. Which of an image's
 * two sets of boot files bcdboot takes is the matter of its version, not of the machine that it runs on.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { emptySignatures, IMAGE_SECURITY_GUID, parseSignatureLists } from '#boot/efi-signatures.ts';
import { FirmwareTrustError } from '#boot/firmware-trust-error.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { below } from '../../below.ts';
import { chooseBootFiles } from '../../offline-windows/boot-file-set.ts';
import type { FirmwareTrust } from '../../offline-windows/firmware-trust.ts';
import { bootFiles, bootManagersOf } from '../../offline-windows/windows-boot.ts';

/** Data of a variable of the firmware: empty where there is none, undefined where that cannot be told. */
export type ReadFirmwareVariable = (name: string, vendor: string) => Uint8Array | undefined;

/** What this firmware starts; undefined where it checks nothing, or does not tell by what. */
export function firmwareTrust(
  secureBoot: boolean,
  read: ReadFirmwareVariable,
  log: (message: string) => void,
): FirmwareTrust | undefined {
  if (!secureBoot) return undefined;
  const [db, dbx] = ['db', 'dbx'].map((name) => read(name, IMAGE_SECURITY_GUID));
  try {
    // With Secure Boot on there is a db; a dbx may not be.
    if (db?.length && dbx !== undefined)
      return {
        secureBoot,
        db: parseSignatureLists(db),
        dbx: dbx.length === 0 ? emptySignatures : parseSignatureLists(dbx),
      };
    log('Secure Boot is on, and what it trusts cannot be read: the boot manager is not judged');
  } catch (error) {
    if (!(error instanceof FirmwareTrustError)) throw error;
    log(`The boot manager is not judged: ${error.message}`);
  }
  return undefined;
}

/**
 * Looks at what bcdboot wrote; where the firmware would refuse it and the image has the other set, that one takes
 * its place. @throws {StepError} `windows.boot-files`, `boot.read-back`
 */
export async function putTrustedManager(
  { root, osRoot }: { readonly root: string; readonly osRoot: string },
  tools: {
    readonly trust: FirmwareTrust;
    /** `bcdboot … /bootex`, which older versions do not know. */
    readonly bootex: () => Promise<void>;
    readonly log: (message: string) => void;
  },
  signal: AbortSignal,
): Promise<void> {
  const { trust, bootex, log } = tools;
  const path = below(root, 'EFI', 'Microsoft', 'Boot', 'bootmgfw.efi');
  const isTrusted = async (): Promise<boolean> => {
    const written = await readFile(path);
    try {
      const { reason } = await chooseBootFiles({ EFI: written }, trust);
      log(`The boot manager: ${reason}`);
      return true;
    } catch (error) {
      if (error instanceof StepError && error.code === 'windows.boot-files') return false;
      throw error;
    }
  };
  const isThere = await readFile(path).catch(() => undefined);
  // That bcdboot wrote nothing is told by who looks at all of it.
  if (!isThere?.length || (await isTrusted())) return;
  const { set } = await chooseBootFiles(await bootManagersOf(osRoot), trust);
  log(`The firmware would refuse the boot manager that bcdboot chose: it gets that of ${set}`);
  if (set === 'EFI_EX') {
    await bootex();
    if (await isTrusted()) return;
  }
  for (const { from, to } of await bootFiles(osRoot, set)) {
    signal.throwIfAborted();
    await put(below(root, ...to.split(/[\\/]/)), await readFile(from));
  }
  if (await isTrusted()) return;
  throw readBack(path);
}

async function put(path: string, bytes: Uint8Array): Promise<void> {
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')));
  await mkdir(folder, { recursive: true });
  await writeFile(path, bytes, { flush: true }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    throw new StepError('boot.esp-full', `There is no room for ${path}`, {
      exitCode: 0x80070070,
      cause: error,
      hint: 'Make the EFI partition larger: 260 MiB is a good size.',
    });
  });
  const found = await readFile(path).catch(() => undefined);
  if (!found?.equals(bytes)) throw readBack(path);
}

function readBack(path: string): StepError {
  return new StepError('boot.read-back', `${path} reads back other bytes than were written`, {
    exitCode: 0x8007001d,
    hint: 'The disk may be failing; see its SMART data.',
  });
}

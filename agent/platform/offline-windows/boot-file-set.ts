/** Which of the signed sets of boot files an image has goes onto the disk of a machine. Pure. */
import { readSignedProgram } from '#boot/authenticode.ts';
import { FirmwareTrustError } from '#boot/firmware-trust-error.ts';
import { type FirmwareVerdict, judgeProgram } from '#boot/secure-boot.ts';
import { StepError } from '../../sequence/step.ts';
import type { FirmwareTrust } from './firmware-trust.ts';

/**
 * Folders below `\Windows\Boot` with boot files: `EFI`, signed by "Microsoft Windows Production PCA 2011" in
 * what Microsoft ships, and `EFI_EX`, signed by "Windows UEFI CA 2023", whose files end in `_EX`.
 */
export type BootFileSet = 'EFI' | 'EFI_EX';
/** The newer one first: a machine that trusts both will stop trusting the older. */
export const bootFileSets: readonly BootFileSet[] = ['EFI_EX', 'EFI'];

/** Boot manager of a set, below the root of the volume. */
export const bootManagerOf: Readonly<Record<BootFileSet, string>> = {
  EFI: '\\Windows\\Boot\\EFI\\bootmgfw.efi',
  EFI_EX: '\\Windows\\Boot\\EFI_EX\\bootmgfw_EX.efi',
};

/** The boot managers that an image has. */
export type BootManagers = { readonly [set in BootFileSet]?: Uint8Array | undefined };

export interface ChosenSet {
  readonly set: BootFileSet;
  /** Why, for the log. */
  readonly reason: string;
}

/**
 * The newest set that the firmware trusts by its `db` and `dbx`. Where it checks nothing and trusts neither, the
 * plain set, as bcdboot does.
 * @throws {StepError} `windows.boot-files` where the image has none, or the firmware would refuse each
 */
export async function chooseBootFiles(
  managers: BootManagers,
  trust: FirmwareTrust,
): Promise<ChosenSet> {
  const seen: string[] = [];
  for (const set of bootFileSets) {
    const program = managers[set];
    if (program === undefined) continue;
    const verdict = await judge(program, trust);
    if (verdict.kind === 'trusted')
      return { set, reason: `the firmware trusts it by "${verdict.by}"` };
    seen.push(`${bootManagerOf[set]} ${describe(verdict)}`);
  }
  if (seen.length === 0)
    throw new StepError(
      'windows.boot-files',
      `The image has neither ${bootManagerOf.EFI} nor ${bootManagerOf.EFI_EX}`,
      { hint: 'It is not an installed or installable Windows, or not one that starts by UEFI.' },
    );
  if (trust.secureBoot)
    throw new StepError(
      'windows.boot-files',
      `Secure Boot is on, and this firmware would refuse every boot manager of the image: ${seen.join('; ')}`,
      {
        hint: "Update the firmware's keys (db, dbx), or use an image with newer updates that has both sets of boot files.",
      },
    );
  const set = managers.EFI === undefined ? 'EFI_EX' : 'EFI';
  return { set, reason: 'Secure Boot is off, and no key of the firmware is for either' };
}

/** Name of a file as it goes onto the EFI partition: `bootmgfw_EX.efi` as `bootmgfw.efi`. */
export function bootFileName(name: string): string {
  return name.replace(/_EX(?=\.[^.]*$|$)/i, '');
}

type Verdict = FirmwareVerdict | { readonly kind: 'unreadable'; readonly why: string };

async function judge(program: Uint8Array, trust: FirmwareTrust): Promise<Verdict> {
  try {
    return judgeProgram(await readSignedProgram(program), trust);
  } catch (error) {
    if (!(error instanceof FirmwareTrustError)) throw error;
    return { kind: 'unreadable', why: error.message };
  }
}

function describe(verdict: Exclude<Verdict, { kind: 'trusted' }>): string {
  switch (verdict.kind) {
    case 'revoked':
      return `is revoked (${verdict.what})`;
    case 'unsigned':
      return 'is not signed';
    case 'unknown':
      return `is signed by ${verdict.signers.join(', ')}, which is not trusted`;
    case 'unreadable':
      return `cannot be read: ${verdict.why}`;
  }
}

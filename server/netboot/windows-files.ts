import type { BootImageFacts } from '#boot/boot-image-facts.ts';
import { bootOfNbp, parseTreeName, WINDOWS_TREE, type WindowsBoot } from '#boot/windows-tree.ts';

/** What a name means to a machine that starts Windows PE. `name` is one of the map of files. */
export type WindowsFile =
  | {
      readonly kind: 'file';
      readonly name: string;
      /** The name is that of a network boot program: what this client is to be given from now on. */
      readonly starts: WindowsBoot | null;
      /** It is the boot image itself. */
      readonly isImage: boolean;
    }
  | { readonly kind: 'bcd'; readonly boot: WindowsBoot }
  | { readonly kind: 'none' };

/**
 * What a machine gets under a name, in any case, as the boot manager asks: names of the tree
 * (`windows-pe/MW100002/boot.wim`) for everybody; and those that every boot manager asks for alike
 * (`\Boot\BCD`, fonts, `boot.stl`), from the image that the machine was sent to.
 *
 * @param name with slashes, none in front
 * @param boot what the asking machine was sent to, where that is known
 */
export function resolveWindowsFile(
  name: string,
  boot: WindowsBoot | undefined,
  factsOf: (image: string) => BootImageFacts | undefined,
): WindowsFile {
  const inTree = parseTreeName(name);
  if (inTree !== undefined) {
    const facts = factsOf(inTree.image);
    if (facts === undefined) return { kind: 'none' };
    const { image, tftp, rest } = inTree;
    const signer = boot?.signer ?? null;
    if (rest === 'efi/bcd') return { kind: 'bcd', boot: { image, firmware: 'uefi', signer, tftp } };
    if (rest === 'bios/bcd')
      return { kind: 'bcd', boot: { image, firmware: 'bios', signer: null, tftp } };
    return found(image, filesOf(facts).get(rest), facts, bootOfNbp(inTree) ?? null);
  }
  const facts = boot === undefined ? undefined : factsOf(boot.image);
  if (boot === undefined || facts === undefined) return { kind: 'none' };
  const asked = name.toLowerCase();
  if (bcdNames.has(asked)) return { kind: 'bcd', boot };
  return found(boot.image, wellKnownFile(asked, boot, facts), facts, null);
}

/** Names under which boot managers look for their configuration data. */
const bcdNames: ReadonlySet<string> = new Set(['bcd', 'boot/bcd', 'efi/microsoft/boot/bcd']);

/** Path in the package of what every boot manager asks for by the same name. */
function wellKnownFile(
  asked: string,
  { firmware, signer }: WindowsBoot,
  facts: BootImageFacts,
): string | undefined {
  const font = /^(?:boot|efi\/microsoft\/boot)\/fonts\/([^/]+)$/.exec(asked)?.[1];
  if (font !== undefined)
    return facts.fonts.find((path) => path.toLowerCase().endsWith(`/${font}`));
  switch (asked) {
    case 'boot.stl':
    case 'boot/boot.stl':
    case 'efi/microsoft/boot/boot.stl':
      return facts.revocationList ?? undefined;
    case 'boot.sdi':
    case 'boot/boot.sdi':
      return facts.sdi;
    case 'boot.wim':
    case 'boot/boot.wim':
    case 'sources/boot.wim':
      return facts.wim;
    case 'bootmgr.exe':
    case 'boot/bootmgr.exe':
      return firmware === 'bios' ? facts.bios?.bootManager : undefined;
    case 'bootmgfw.efi':
      return signer === null ? undefined : facts.efiBootManagers[signer];
    default:
      return undefined;
  }
}

/** All that is served of an image, by the name below its folder. Nothing else of the package is. */
function filesOf(facts: BootImageFacts): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [signer, path] of Object.entries(facts.efiBootManagers))
    files.set(`efi/${signer}/bootmgfw.efi`, path);
  if (facts.bios !== null) {
    files.set('bios/pxeboot.n12', facts.bios.networkBootProgram);
    files.set('bios/bootmgr.exe', facts.bios.bootManager);
  }
  const { wim, sdi, revocationList, fonts } = facts;
  for (const path of [wim, sdi, ...fonts, ...(revocationList === null ? [] : [revocationList])])
    files.set(path.toLowerCase(), path);
  return files;
}

function found(
  image: string,
  path: string | undefined,
  facts: BootImageFacts,
  starts: WindowsBoot | null,
): WindowsFile {
  if (path === undefined) return { kind: 'none' };
  const name = windowsFileName(image, path);
  return { kind: 'file', name, starts, isImage: path === facts.wim };
}

/** Name in the map of files of one object of a boot image's package. */
export function windowsFileName(image: string, path: string): string {
  return `${WINDOWS_TREE}/${image}/${path}`;
}

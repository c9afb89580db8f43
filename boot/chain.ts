import type { ClientArchitecture } from './architecture.ts';
import type { RamdiskTftp } from './bcd/windows-pe.ts';
import type { BootImageFacts, BootSigner } from './boot-image-facts.ts';
import { type FitArchitecture, fit, fitMachine } from './fit.ts';
import { chooseNbp } from './nbp.ts';
import { chooseSigner, type SignerMemory } from './signer-choice.ts';
import { DEFAULT_RAMDISK_TFTP, nbpName, WINDOWS_TREE, type WindowsBoot } from './windows-tree.ts';

/**
 * The way from the firmware to a boot image: shim and GRUB to Linux PE, the boot manager of Windows to
 * Windows PE (`bootmgfw.efi`, or `pxeboot.n12` and `bootmgr.exe` with a BIOS), or iPXE and wimboot to it.
 */
export type Chain = 'linux-pe' | 'windows-pe' | 'wimboot';

/** What one machine is to be started with, as far as deployments and settings say. */
export interface BootWish {
  /** `missing`: a task sequence names a boot image that this server does not have. */
  readonly image:
    | { readonly kind: 'linux-pe' }
    | { readonly kind: 'windows-pe'; readonly id: string }
    | { readonly kind: 'missing'; readonly name: string };
  /** `auto`: as the image needs it. */
  readonly chain: 'auto' | Chain;
  readonly signer: 'auto' | BootSigner;
  readonly tftp: RamdiskTftp;
  /** Where the settings are from, `the model "Dell Inc. Latitude 7450"`; null for the site's own. */
  readonly setFor: string | null;
  /** Of the processor, where the machine has said it: a BIOS does not. */
  readonly architecture: FitArchitecture | null;
}

/** Of a machine that nothing more is said of. */
export const PLAIN_WISH: BootWish = {
  image: { kind: 'linux-pe' },
  chain: 'auto',
  signer: 'auto',
  tftp: DEFAULT_RAMDISK_TFTP,
  setFor: null,
  architecture: null,
};

/** A Windows PE boot image as the decision sees it. */
export interface BootImageChoice {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly facts: BootImageFacts;
}

/** What there is to choose from. */
export interface BootOffers {
  /** Client architectures that Linux PE is there for. */
  readonly linuxPe: ReadonlySet<string>;
  readonly images: readonly BootImageChoice[];
  /** Whether an operator has added iPXE and wimboot. */
  readonly wimboot: boolean;
}

export interface ChainRequest {
  readonly architecture: ClientArchitecture;
  /** It is iPXE that asks (user class, option 77), started by us before. */
  readonly isIpxe: boolean;
  readonly wish: BootWish;
  readonly memory: SignerMemory | undefined;
}

/** The first file and all that follows from it, or why there is none. `reason` is a whole sentence. */
export type ChainChoice =
  | {
      readonly kind: 'nbp';
      readonly chain: Chain;
      readonly file: string;
      /** `http`: a URL of the boot listener is given, below `/boot/`. */
      readonly transport: 'tftp' | 'http';
      /** Name of the boot image for people. */
      readonly image: string;
      /** What the boot manager is then answered by; null where none takes part. */
      readonly boot: WindowsBoot | null;
      readonly reason: string;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** Files that an operator adds for the chain `wimboot`. */
export const IPXE_FILE = 'wimboot/ipxe.efi';
export const WIMBOOT_FILE = 'wimboot/wimboot';

/** Name of the script that iPXE gets for a boot image. */
export function ipxeScriptName(image: string): string {
  return `${WINDOWS_TREE}/${image}/boot.ipxe`;
}

/** Chooses chain, image and signer for one client architecture of one machine. */
export function chooseChain(request: ChainRequest, offers: BootOffers): ChainChoice {
  const { architecture, wish } = request;
  const client = `The machine starts as ${architecture.title} (client architecture ${architecture.code})`;
  if (wish.image.kind === 'missing')
    return refused(
      `The task sequence is for the boot image "${wish.image.name}", which this server does not have.`,
    );
  const fromSettings = wish.setFor === null ? '' : ` (set for ${wish.setFor})`;
  if (wish.image.kind === 'linux-pe' || wish.chain === 'linux-pe') {
    if (wish.image.kind === 'linux-pe' && wish.chain !== 'auto' && wish.chain !== 'linux-pe')
      return refused(
        `The chain ${wish.chain}${fromSettings} leads to Windows PE, and nothing names a boot image for this machine.`,
      );
    const choice = chooseNbp(architecture, offers.linuxPe, request.isIpxe);
    if (choice.kind === 'refused') return choice;
    const { transport } = choice;
    const reason = `Boot image: Linux PE${wish.image.kind === 'linux-pe' ? '' : fromSettings}.`;
    const [boot, chain, image] = [null, 'linux-pe', 'Linux PE'] as const;
    return { kind: 'nbp', chain, file: choice.file, transport, image, boot, reason };
  }
  const { id } = wish.image;
  const image = offers.images.find((one) => one.id === id);
  if (image === undefined)
    return refused(`The boot image ${id} is not ready on this server to be started from.`);
  return toWindowsPe(request, { image, client, fromSettings, wimboot: offers.wimboot });
}

interface WindowsParts {
  readonly image: BootImageChoice;
  readonly client: string;
  readonly fromSettings: string;
  readonly wimboot: boolean;
}

function toWindowsPe(request: ChainRequest, parts: WindowsParts): ChainChoice {
  const { architecture, wish } = request;
  const { image, client, fromSettings } = parts;
  const machine = machineOf(architecture, wish.architecture);
  if (machine === undefined || fitMachine(machine).kind === 'refused')
    return refused(`${client}, which is not supported.`);
  const subject = {
    kind: 'boot-image',
    name: titleOf(image),
    architecture: image.facts.architecture,
  } as const;
  const verdict = fit(machine, subject);
  if (verdict.kind === 'refused') return refused(`The boot image ${verdict.reason}.`);
  if (wish.chain === 'wimboot') return withWimboot(request, parts);
  if (architecture.transport === 'http')
    return refused(
      `${client}, and the boot manager of Windows reads its files by TFTP: start this machine by PXE, or set the chain wimboot for it.`,
    );
  return machine.firmware === 'bios'
    ? withBootmgr(request, parts)
    : withBootmgfw(request, { image, fromSettings });
}

function withBootmgr({ wish }: ChainRequest, { image, client }: WindowsParts): ChainChoice {
  if (image.facts.bios === null)
    return refused(
      `${client}, and the boot image ${titleOf(image)} has no files for a BIOS (bootmgr.exe and pxeboot.n12).`,
    );
  const boot = { image: image.id, firmware: 'bios', signer: null, tftp: wish.tftp } as const;
  return byBootManager(image, boot, 'by bootmgr');
}

function withBootmgfw(
  { wish, memory }: ChainRequest,
  { image, fromSettings }: Pick<WindowsParts, 'image' | 'fromSettings'>,
): ChainChoice {
  const has = (['2011', '2023'] as const).filter(
    (signer) => image.facts.efiBootManagers[signer] !== undefined,
  );
  const choice = chooseSigner(wish.signer, has, memory);
  if (choice.kind === 'refused')
    return refused(`The boot image ${titleOf(image)} ${choice.reason}${fromSettings}.`);
  const { signer, why } = choice;
  const boot = { image: image.id, firmware: 'uefi', signer, tftp: wish.tftp } as const;
  const set = wish.signer === 'auto' ? '' : fromSettings;
  return byBootManager(image, boot, `by bootmgfw.efi signed by ${signer}, ${why}${set}`);
}

/** @param how completes the reason, `by bootmgr` */
function byBootManager(image: BootImageChoice, boot: WindowsBoot, how: string): ChainChoice {
  return {
    kind: 'nbp',
    chain: 'windows-pe',
    file: nbpName(boot),
    transport: 'tftp',
    image: image.name,
    boot,
    reason: `Boot image: ${titleOf(image)}, ${how}.`,
  };
}

function withWimboot(
  { architecture, isIpxe }: ChainRequest,
  { image, client, fromSettings, wimboot }: WindowsParts,
): ChainChoice {
  if (architecture.machine !== 'x64' || architecture.firmware !== 'uefi')
    return refused(`${client}, and the chain wimboot${fromSettings} is for x64 UEFI alone.`);
  if (!wimboot)
    return refused(
      `The chain wimboot${fromSettings} needs iPXE and wimboot, which nobody has added here: metalwright netboot wimboot add.`,
    );
  const file = isIpxe ? ipxeScriptName(image.id) : IPXE_FILE;
  return {
    kind: 'nbp',
    chain: 'wimboot',
    file,
    transport: isIpxe ? 'http' : architecture.transport,
    image: image.name,
    boot: null,
    reason: `Boot image: ${titleOf(image)}, by iPXE and wimboot${fromSettings}.`,
  };
}

/** The machine behind a client architecture, by the words of `fit.ts`; undefined for all that it has no row for. */
function machineOf({ machine, firmware }: ClientArchitecture, said: FitArchitecture | null) {
  const known = (['x64', 'arm64', 'x86'] as const).find((each) => each === machine);
  if (known === undefined || firmware === 'other') return undefined;
  // A BIOS sends 0 on a 32-bit and on a 64-bit processor. Of a machine that has not said more, the likelier
  // one is supposed; where that is wrong, the boot manager of a 64-bit image says so at the machine.
  return { architecture: firmware === 'bios' ? (said ?? 'x64') : known, firmware };
}

/** `"Windows PE 26100" (MW100002, version 3)`. */
function titleOf({ id, name, version }: BootImageChoice): string {
  return `"${name}" (${id}, version ${version})`;
}

function refused(reason: string): ChainChoice {
  return { kind: 'refused', reason };
}

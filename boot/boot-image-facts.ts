import { z } from 'zod';

/** Which of Microsoft's authorities signed a boot manager: *Windows Production PCA 2011* or *Windows UEFI CA 2023*. */
export const BootSigner = z.enum(['2011', '2023']);
export type BootSigner = z.infer<typeof BootSigner>;

/**
 * What a Windows PE boot image package says of itself, in its `boot-image.json`. Paths are below the root of
 * the package, with `/`; each is an object of it.
 */
export const BootImageFacts = z.object({
  format: z.literal(1),
  kind: z.literal('winpe'),
  architecture: z.enum(['x64', 'arm64', 'x86']),
  /** Of Windows PE, `10.0.26100.1`. */
  version: z.string(),
  languages: z.array(z.string()),
  /** Optional components inside, by their package names without what all share: `WinPE-PowerShell`. */
  components: z.array(z.string()),
  agentVersion: z.string(),
  /** Folders of drivers in it, in the order in which they are loaded: `01-rst`. */
  drivers: z.array(z.string()).default([]),
  /** The image with agent, settings and drivers in it. */
  wim: z.literal('boot.wim'),
  /** RAM disk of the boot manager. */
  sdi: z.literal('boot.sdi'),
  /** UEFI boot managers by signer, `efi/2011/bootmgfw.efi`; a signer that the image does not have is absent. */
  efiBootManagers: z.partialRecord(BootSigner, z.string()),
  /** `efi/boot.stl`, where the image has it. */
  revocationList: z.string().nullable(),
  /** For BIOS: `bios/bootmgr.exe` and the network boot program `bios/pxeboot.n12`; null without both. */
  bios: z.object({ bootManager: z.string(), networkBootProgram: z.string() }).nullable(),
  /** `fonts/wgl4_boot.ttf`. */
  fonts: z.array(z.string()),
});
export type BootImageFacts = z.infer<typeof BootImageFacts>;

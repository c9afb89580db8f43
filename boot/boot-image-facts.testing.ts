import type { BootImageFacts } from './boot-image-facts.ts';

/** Facts of a boot image that has everything, but for what a test changes. */
export function testBootImageFacts(changes: Partial<BootImageFacts> = {}): BootImageFacts {
  return {
    format: 1,
    kind: 'winpe',
    architecture: 'x64',
    version: '10.0.26100.1',
    languages: ['en-US'],
    components: [],
    agentVersion: '1.0.0',
    drivers: [],
    wim: 'boot.wim',
    sdi: 'boot.sdi',
    efiBootManagers: { '2011': 'efi/2011/bootmgfw.efi', '2023': 'efi/2023/bootmgfw.efi' },
    revocationList: 'efi/boot.stl',
    bios: { bootManager: 'bios/bootmgr.exe', networkBootProgram: 'bios/pxeboot.n12' },
    fonts: ['fonts/wgl4_boot.ttf', 'fonts/Segoe_slboot.ttf'],
    ...changes,
  };
}

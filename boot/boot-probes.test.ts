import { expect, it } from 'vitest';
import { bootProbes, isBootProbe } from './boot-probes.ts';

it.each([
  'Boot/BCD',
  'EFI/Microsoft/Boot/SiPolicy.p7b',
  'EFI/Microsoft/Boot/CIPolicies/Active/{a}.cip',
  'EFI/Microsoft/Boot/de-DE/bootmgfw.efi.mui',
  'Boot/Fonts/chs_boot.ttf',
  'revocations_sbat.efi',
  'grub/x86_64-efi/command.lst',
])('%s is asked for and done without', (name) => {
  expect(isBootProbe(name)).toBe(true);
});

it.each(['shimx64.efi', 'pxelinux.0', 'bootXstl', 'windows-pe/MW100002/boot.wim', 'boot.wim'])(
  '%s would be missed',
  (name) => {
    expect(isBootProbe(name)).toBe(false);
  },
);

it('is in lower case, each once', () => {
  expect(bootProbes).toEqual([...new Set(bootProbes.map((name) => name.toLowerCase()))]);
});

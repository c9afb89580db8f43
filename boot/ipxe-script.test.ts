import { expect, it } from 'vitest';
import { testBootImageFacts } from './boot-image-facts.testing.ts';
import { ipxeScript, linuxPeScript } from './ipxe-script.ts';

it('M50 gives wimboot both boot managers under the names it knows, and boot.wim last', () => {
  const script = ipxeScript({ id: 'MW100002', name: 'Bench', facts: testBootImageFacts() });
  expect(script.startsWith('#!ipxe\n')).toBe(true);
  expect(script.split('\n').filter((line) => line.startsWith('initrd'))).toEqual([
    'initrd --name bootmgfw.efi /boot/windows-pe/MW100002/efi/2011/bootmgfw.efi || goto failed',
    'initrd --name bootmgfw_EX.efi /boot/windows-pe/MW100002/efi/2023/bootmgfw.efi || goto failed',
    'initrd --name boot.sdi /boot/windows-pe/MW100002/boot.sdi || goto failed',
    'initrd --name boot.wim /boot/windows-pe/MW100002/boot.wim || goto failed',
  ]);
});

it('M50 puts no name into the script that would be a command or a setting of iPXE', () => {
  const name = 'x\nshell\n${net0/mac} || exit';
  const script = ipxeScript({ id: 'MW100002', name, facts: testBootImageFacts() });
  expect(script).not.toMatch(/^shell/m);
  expect(script).not.toContain('${');
  const facts = testBootImageFacts({ efiBootManagers: { '2011': 'efi/a b.efi' } });
  expect(() => ipxeScript({ id: 'MW100002', name: 'x', facts })).toThrow(TypeError);
});

it('M50 gives iPXE kernel and loader of Linux PE by HTTP, with the words that GRUB gives', () => {
  const script = linuxPeScript({ bootHttpPort: 8080, agentPort: 8443 });
  const kernel = script.split('\n').find((line) => line.startsWith('kernel '));
  expect(kernel).toContain('/boot/linux-pe/x64/vmlinuz initrd=loader.img initrd=site.img ');
  expect(kernel).toContain('metalwright.server={server} metalwright.boot-port=8080');
  expect(kernel).toContain(`BOOTIF=01-\${netX/mac:hexhyp}`);
  // shim is for UEFI, where Secure Boot refuses the kernel.
  expect(script).toContain(`iseq \${platform} efi && chain tftp://{server}/shimx64.efi ||`);
});

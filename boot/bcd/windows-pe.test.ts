import { describe, expect, it } from 'vitest';
import { formatBcd } from './format-bcd.ts';
import { formatStore, parseStore } from './store.ts';
import { mediaStore, networkStore } from './windows-pe.ts';

const tftp = { blockSize: 1456, windowSize: 16 };

describe('the store of a network client', () => {
  it('M43 starts Windows PE as a RAM disk that is fetched by windowed TFTP', () => {
    const store = networkStore({ firmware: 'uefi', tftp, description: 'Site A' });
    expect(formatBcd(store)).toBe(`Windows Boot Manager
--------------------
identifier              {bootmgr}
description             Windows Boot Manager
locale                  en-US
default                 {default}
displayorder            {default}
timeout                 0

Windows Boot Loader
-------------------
identifier              {default}
device                  ramdisk=[boot]\\Boot\\boot.wim,{ramdiskoptions}
path                    \\windows\\system32\\boot\\winload.efi
description             Site A
locale                  en-US
osdevice                ramdisk=[boot]\\Boot\\boot.wim,{ramdiskoptions}
systemroot              \\windows
detecthal               Yes
winpe                   Yes

Setup Ramdisk Options
---------------------
identifier              {ramdiskoptions}
ramdisksdidevice        boot
ramdisksdipath          \\Boot\\boot.sdi
ramdisktftpblocksize    1456
ramdisktftpwindowsize   16
`);
  });

  it('M43 has the loader of the firmware, and the paths of this client', () => {
    const paths = { wimPath: '\\images\\lab\\boot.wim', sdiPath: '\\images\\boot.sdi' };
    const text = formatBcd(networkStore({ firmware: 'bios', tftp, ...paths }));
    expect(text).toContain('path                    \\windows\\system32\\boot\\winload.exe\n');
    expect(text).toContain('ramdisk=[boot]\\images\\lab\\boot.wim,');
    expect(text).toContain('ramdisksdipath          \\images\\boot.sdi\n');
  });

  it('is read back as it was made, and gives the same bytes each time', () => {
    const store = networkStore({ firmware: 'uefi', tftp });
    const bytes = formatStore(store, 1n);
    expect(parseStore(bytes)).toEqual(store);
    expect(formatStore(networkStore({ firmware: 'uefi', tftp }), 1n)).toEqual(bytes);
    expect(bytes).toHaveLength(12_288);
  });

  it.each([
    { blockSize: 511, windowSize: 4 },
    { blockSize: 65_465, windowSize: 4 },
    { blockSize: 1456, windowSize: 0 },
    { blockSize: 1456, windowSize: 65_536 },
    { blockSize: 1456.5, windowSize: 4 },
  ])('refuses sizes that TFTP does not have: $blockSize, $windowSize', (tftp) => {
    expect(() => networkStore({ firmware: 'uefi', tftp })).toThrow(
      expect.objectContaining({ code: 'bcd.tftp' }),
    );
  });

  it('refuses a path that the boot manager does not read', () => {
    expect(() => networkStore({ firmware: 'uefi', tftp, wimPath: '/Boot/boot.wim' })).toThrow(
      expect.objectContaining({ code: 'bcd.path' }),
    );
  });
});

describe('the store of media', () => {
  it.each(['bios', 'uefi'] as const)('has the paths of media and no TFTP, %s', (firmware) => {
    const store = mediaStore(firmware);
    const text = formatBcd(store);
    expect(text).toContain('ramdisk=[boot]\\sources\\boot.wim,{ramdiskoptions}\n');
    expect(text).toContain('ramdisksdipath          \\boot\\boot.sdi\n');
    expect(text).toContain(firmware === 'uefi' ? 'winload.efi\n' : 'winload.exe\n');
    expect(text).not.toContain('tftp');
    expect(parseStore(formatStore(store, 1n))).toEqual(store);
  });
});

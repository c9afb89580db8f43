import { describe, expect, it } from 'vitest';
import { gptPartition } from './device.ts';
import { withBootManager, withoutObjects, withStagedWindowsPe } from './edit-store.ts';
import { formatBcd } from './format-bcd.ts';
import { installedWindowsStore } from './installed-windows.ts';
import { formatStore, parseStore } from './store.ts';

const disk = '10000000-0000-4000-8000-00000000000d';
const windows = gptPartition('10000000-0000-4000-8000-000000000003', disk);
const installed = installedWindowsStore({
  firmware: 'uefi',
  system: gptPartition('10000000-0000-4000-8000-000000000001', disk),
  windows,
  description: 'Windows 11',
  locale: 'en-US',
  loader: '20000000-0000-4000-8000-000000000001',
  resume: '20000000-0000-4000-8000-000000000002',
});
const pe = {
  firmware: 'uefi',
  source: windows,
  wimPath: '\\_SMSTaskSequence\\WinPE\\sources\\boot.wim',
  sdiPath: '\\_SMSTaskSequence\\WinPE\\boot\\boot.sdi',
  description: 'Windows PE',
  loader: '30000000-0000-4000-8000-000000000001',
  options: '30000000-0000-4000-8000-000000000002',
} as const;
const named = { volumeName: () => 'C:' };

describe('Windows PE staged on a disk', () => {
  it('M43 is what starts next, once, and Windows stays the default', () => {
    const staged = withStagedWindowsPe(installed, pe);
    const text = formatBcd(staged, named);
    expect(text).toContain(`default                 {default}
resumeobject            {20000000-0000-4000-8000-000000000002}
displayorder            {default}
bootsequence            {30000000-0000-4000-8000-000000000001}
`);
    expect(text).toContain(
      'ramdisk=[C:]\\_SMSTaskSequence\\WinPE\\sources\\boot.wim,{30000000-0000-4000-8000-000000000002}\n',
    );
    expect(text).toContain(`ramdisksdidevice        partition=C:
ramdisksdipath          \\_SMSTaskSequence\\WinPE\\boot\\boot.sdi
`);
    expect(text).not.toContain('tftp');
    expect(parseStore(formatStore(staged, 1n))).toEqual(staged);
  });

  it('is replaced when it is staged again, not added', () => {
    const twice = withStagedWindowsPe(withStagedWindowsPe(installed, pe), {
      ...pe,
      wimPath: '\\other.wim',
    });
    expect(twice.objects).toHaveLength(installed.objects.length + 2);
    expect(formatBcd(twice, named)).toContain('ramdisk=[C:]\\other.wim,');
    expect(formatBcd(twice, named)).not.toContain('_SMSTaskSequence\\WinPE\\sources');
  });

  it('is taken out again without a trace', () => {
    const staged = withStagedWindowsPe(installed, pe);
    expect(withoutObjects(staged, [pe.loader, pe.options])).toEqual(installed);
  });

  it('is refused in a store without a boot manager', () => {
    expect(() => withStagedWindowsPe({ system: false, objects: [] }, pe)).toThrow(
      expect.objectContaining({ code: 'bcd.object' }),
    );
  });
});

describe('a store without some objects', () => {
  it('names them nowhere, and keeps what else a list names', () => {
    const both = withBootManager(withStagedWindowsPe(installed, pe), {
      default: pe.loader,
      displayorder: [pe.loader, '20000000-0000-4000-8000-000000000001'],
    });
    const [bootManager] = formatBcd(withoutObjects(both, [pe.loader]), named).split('\n\n');
    expect(bootManager).not.toMatch(/^(default|bootsequence) /m);
    expect(bootManager).toContain(
      'displayorder            {20000000-0000-4000-8000-000000000001}\ntoolsdisplayorder',
    );
  });

  it('has no RAM disk whose options are gone', () => {
    const left = withoutObjects(withStagedWindowsPe(installed, pe), [pe.options]);
    expect(formatBcd(left)).not.toContain('ramdisk=');
    expect(formatBcd(left)).toContain('{30000000-0000-4000-8000-000000000001}');
  });
});

it('other settings of the boot manager stay as they were', () => {
  const text = formatBcd(withBootManager(installed, { timeout: 3 }), named);
  expect(text).toContain('timeout                 3\n');
  expect(text).toContain('path                    \\EFI\\Microsoft\\Boot\\bootmgfw.efi\n');
});

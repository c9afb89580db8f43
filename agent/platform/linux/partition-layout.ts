import { GPT_HIDDEN_BIT } from '../partition-type.ts';
import type { PlacedPartition } from '../place-partitions.ts';

/** Script for sfdisk: a new table, GPT or MBR. */
export function sfdiskScript(
  style: 'gpt' | 'mbr',
  placed: readonly PlacedPartition[],
  sectorBytes: number,
): string {
  const lines = placed.map(({ number, plan, startBytes, sizeBytes, code }) => {
    const fields = [
      `start=${startBytes / sectorBytes}`,
      `size=${sizeBytes / sectorBytes}`,
      `type=${code}`,
    ];
    // A name stands in quotes, which sfdisk has no escape for.
    if (style === 'gpt' && plan.label !== '')
      fields.push(`name="${plan.label.replaceAll('"', "'")}"`);
    if (style === 'gpt' && plan.type === 'hidden') fields.push(`attrs="GUID:${GPT_HIDDEN_BIT}"`);
    return `${number} : ${fields.join(', ')}${plan.active && style === 'mbr' ? ', bootable' : ''}`;
  });
  return `label: ${style === 'gpt' ? 'gpt' : 'dos'}\nunit: sectors\n${lines.join('\n')}\n`;
}

/**
 * Options that tell mkntfs where on the disk the volume lies, as Windows' format writes it into the boot sector
 * ("hidden sectors", and the geometry of a BIOS). mkntfs itself finds out only for some kinds of disks.
 */
export function ntfsPlace(startBytes: number, sectorBytes: number): string[] {
  const start = startBytes / sectorBytes;
  // The field has 32 bits; Windows writes 0 for what lies behind.
  const sector = Number.isInteger(start) && start <= 0xffff_ffff ? start : 0;
  const geometry = ['--heads', '255', '--sectors-per-track', '63'];
  return ['--partition-start', String(sector), ...geometry];
}

/** Command that makes a file system. Labels are cut to what it can hold. */
export function formatCommand(
  device: string,
  { plan, startBytes }: PlacedPartition,
  sectorBytes: number,
): readonly [string, ...string[]] | undefined {
  if (plan.format === null) return undefined;
  const { fileSystem, quick } = plan.format;
  switch (fileSystem) {
    case 'fat32': {
      const label = plan.label
        .toUpperCase()
        .replaceAll(/[^A-Z0-9_-]/g, '')
        .slice(0, 11);
      return ['mkfs.fat', '-F', '32', ...(label === '' ? [] : ['-n', label]), device];
    }
    case 'ntfs':
      return [
        'mkntfs',
        '--force',
        ...(quick ? ['--fast'] : []),
        ...ntfsPlace(startBytes, sectorBytes),
        '--label',
        plan.label,
        device,
      ];
    case 'ext4':
      break;
  }
  return ['mkfs.ext4', '-q', '-F', ...(quick ? [] : ['-c']), '-L', plan.label.slice(0, 16), device];
}

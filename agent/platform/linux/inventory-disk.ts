import type { WmiRow } from '../../sequence/query-capability.ts';
import type { DiskFacts } from './disk-scan.ts';

/** Windows files SATA under IDE, and everything its storage port drivers serve under SCSI. */
const INTERFACES: Readonly<Record<string, string>> = {
  sata: 'IDE',
  ata: 'IDE',
  usb: 'USB',
  ieee1394: '1394',
};
/** Windows tells a size in whole cylinders of this many sectors: 255 heads, 63 sectors a track. */
const CYLINDER_SECTORS = 255 * 63;

/** `Win32_DiskDrive` of the disks, in their order. Pure. */
export function diskRows(disks: readonly DiskFacts[]): WmiRow[] {
  return disks.map((disk, index): WmiRow => {
    const cylinder = CYLINDER_SECTORS * disk.sectorBytes;
    const isUsb = disk.transport === 'usb';
    const fixed = isUsb ? 'External hard disk media' : 'Fixed hard disk media';
    return {
      Index: index,
      DeviceID: `\\\\.\\PHYSICALDRIVE${index}`,
      Model: disk.model,
      Caption: disk.model,
      SerialNumber: disk.serial,
      Size: String(Math.floor(disk.sizeBytes / cylinder) * cylinder),
      BytesPerSector: disk.sectorBytes,
      InterfaceType: INTERFACES[disk.transport ?? ''] ?? 'SCSI',
      MediaType: disk.removable && !isUsb ? 'Removable Media' : fixed,
    };
  });
}

import { CliError } from '../cli-error.ts';
import { formatBytes } from '../units.ts';
import { type Disk, describeDisk } from './usb-disk.ts';

/**
 * The USB disk that a serial or a path names, where it may be overwritten by so many bytes. Pure.
 * @throws {CliError} `usb.not-found`, `usb.same-serial`, `usb.internal`, `usb.no-medium`, `usb.mounted`,
 * `usb.read-only`, `usb.too-small`
 */
export function chooseDisk(disks: readonly Disk[], wanted: string, neededBytes: number): Disk {
  const found = disks.filter(
    ({ path, serial }) => path === wanted || (serial !== '' && serial === wanted),
  );
  const [disk, other] = found;
  if (disk === undefined)
    throw new CliError('usb.not-found', `no USB disk is, or has the serial, ${wanted}`, {
      hint: listed(disks),
    });
  if (other !== undefined)
    throw new CliError(
      'usb.same-serial',
      `${found.length} disks say that they have the serial ${wanted}`,
      { hint: `name one by its path: ${found.map(describeDisk).join('; ')}` },
    );
  const named = describeDisk(disk);
  if (!disk.isUsb)
    throw new CliError('usb.internal', `${named} is no USB disk: it is left alone`, {
      hint: listed(disks),
    });
  if (disk.uses.length > 0)
    throw new CliError('usb.mounted', `${named} is in use: ${disk.uses.join(', ')}`, {
      hint: `unmount it (umount ${disk.path}?*) if nothing on it is needed any more`,
    });
  if (disk.sizeBytes === 0)
    throw new CliError('usb.no-medium', `there is nothing in ${named}`, { hint: 'Put a card in' });
  if (disk.isReadOnly)
    throw new CliError('usb.read-only', `${named} cannot be written to`, {
      hint: 'look for a switch on the stick or the card; a stick that is worn out makes itself read-only',
    });
  if (disk.sizeBytes < neededBytes)
    throw new CliError(
      'usb.too-small',
      `${named} is too small: the image has ${formatBytes(neededBytes)} (${neededBytes} bytes)`,
      { hint: 'take a larger one' },
    );
  return disk;
}

/** USB disks, in words, for who named none of them. */
export function listed(disks: readonly Disk[]): string {
  const usb = disks.filter(({ isUsb }) => isUsb);
  if (usb.length === 0) return 'no USB disk is plugged in here';
  return `plugged in here: ${usb.map(describeDisk).join('; ')}`;
}

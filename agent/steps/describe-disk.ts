import type { ChosenDisk } from '#agent/protocol/run-event.ts';
import type { Disk } from '#agent/sequence/platform.ts';

/** A disk for people, so that they find it: `disk 0: Micron 3400, serial 22A1, 512 GB (nvme)`; sizes as on the label. */
export function describeDisk({
  number,
  model,
  serial,
  sizeBytes,
  bus = 'other',
}: Pick<Disk, 'number' | 'model' | 'serial' | 'sizeBytes'> & {
  readonly bus?: string;
}): string {
  const gigabytes = (sizeBytes / 1e9).toFixed(sizeBytes < 10e9 ? 1 : 0);
  const parts = [
    model.trim() || 'no model name',
    serial.trim() === '' ? 'no serial' : `serial ${serial.trim()}`,
    `${gigabytes} GB${bus === 'other' ? '' : ` (${bus})`}`,
  ];
  return `disk ${number}: ${parts.join(', ')}`;
}

/** A disk as the journal keeps it. */
export function chosenDisk({ number, id, model, serial, sizeBytes, bus }: Disk): ChosenDisk {
  return {
    number,
    id: id.slice(0, 500),
    model: model.trim().slice(0, 300),
    serial: serial.trim().slice(0, 300),
    sizeBytes,
    bus: bus ?? 'other',
  };
}

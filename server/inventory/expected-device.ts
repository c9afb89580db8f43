import { z } from 'zod';
import { MacAddress } from '#agent/protocol/identity.ts';
import type { Device } from './device.ts';
import { serialKey } from './device-keys.ts';

/** What a machine is expected by, the strongest first. */
export const expectedKinds = ['mac', 'serial', 'asset-tag', 'port'] as const;
export const ExpectedKind = z.enum(expectedKinds);
export type ExpectedKind = z.infer<typeof ExpectedKind>;

/** A machine, or a port, of which something was said before it came: by table, list or scanner. */
export interface ExpectedDevice {
  readonly kind: ExpectedKind;
  readonly key: string;
  /** Its name from then on; null to have it named by rule. */
  readonly name: string | null;
  /** Whether it need not wait for approval. */
  readonly approve: boolean;
  readonly who: string;
  readonly createdMs: number;
  /** Device that it turned out to be; a port keeps expecting the next one. */
  readonly deviceId: string | null;
  readonly usedMs: number | null;
}

/** The key of what was written: MAC addresses with colons, the rest without case and blanks. */
export function expectedKey(kind: ExpectedKind, text: string): string {
  return kind === 'mac' ? MacAddress.parse(text) : serialKey(text);
}

/** All keys under which this machine may be expected, the strongest first. */
export function expectedKeys(
  device: Pick<Device, 'macAddresses' | 'serialNumber' | 'assetTag' | 'seenAt'>,
): readonly { readonly kind: ExpectedKind; readonly key: string }[] {
  const { macAddresses, serialNumber, assetTag, seenAt } = device;
  const keys = [
    ...macAddresses.map((key) => ({ kind: 'mac' as const, key: String(key) })),
    { kind: 'serial' as const, key: serialKey(serialNumber) },
    { kind: 'asset-tag' as const, key: serialKey(assetTag) },
    { kind: 'port' as const, key: serialKey(seenAt?.port ?? null) },
  ];
  return keys.filter(({ key }) => key !== '');
}

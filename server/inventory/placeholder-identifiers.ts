import { isPlaceholderGuid, type SmbiosGuid } from '#agent/protocol/identity.ts';

/** GUIDs that firmware makers ship unset, beside all-zero and all-FF (SMBIOS 7.2.1). */
const makersGuids: ReadonlySet<string> = new Set([
  '03000200-0400-0500-0006-000700080009', // AMI's default, by the thousand
  '00020003-0004-0005-0006-000700080009', // the same, its bytes in the other order
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '12345678-1234-1234-1234-123456789abc',
  'fefefefe-fefe-fefe-fefe-fefefefefefe',
  '0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a',
  '00010203-0405-0607-0809-0a0b0c0d0e0f',
]);

/** What firmware says in the place of a serial number or an asset tag that nobody wrote; without case. */
const makersTexts: ReadonlySet<string> = new Set([
  'none',
  'n/a',
  'na',
  'null',
  'oem',
  'unknown',
  'undefined',
  'invalid',
  'empty',
  'default',
  'default string', // AMI
  'not specified', // QEMU, VMware, Intel
  'not applicable',
  'not available',
  'not defined',
  'no enclosure',
  'to be filled by o.e.m.', // AMI
  'to be filled by oem',
  'system serial number', // ASUS, Gigabyte
  'system serial',
  'serial number',
  'chassis serial number',
  'base board serial number',
  'sys-1234567890', // ASUS
  'serial#unknown',
  'no asset tag', // Lenovo, HP
  'no asset information', // Lenovo
  'asset tag',
  'asset-1234567890', // ASUS
  'chassis asset tag',
  'base board asset tag',
  'atn12345678901234567',
  '123456789',
  '0123456789',
  '1234567890',
  '123456789012345678901234567890',
  'ec123456789', // Insyde
  'empty chassis asset tag',
]);

/** Whether a GUID is one that many machines have, because nobody wrote theirs. */
export function isUnsetGuid(guid: SmbiosGuid): boolean {
  return isPlaceholderGuid(guid) || makersGuids.has(guid);
}

/** Whether a serial number or asset tag is one, and not what a firmware says when nobody wrote it. */
export function isSet(text: string | null): text is string {
  const plain = (text ?? '').trim().toLowerCase();
  if (plain === '' || makersTexts.has(plain)) return false;
  // One character over and over: 000000, xxxxx, ....; or nothing but signs.
  return new Set(plain.replaceAll(/[\s-]/g, '')).size > 1 && /[a-z0-9]/.test(plain);
}

/**
 * MAC addresses that no adapter has of its own: unset, broadcast, a maker's test pattern, and those that
 * drivers of dial-up and of mobile broadband give to every machine.
 */
export function isUnsetMac(mac: string): boolean {
  return /^(00:){5}00$|^(ff:){5}ff$|^(88:){5}88$|^44:45:53:54:00:00$|^02:80:37:ec:02:00$/.test(mac);
}

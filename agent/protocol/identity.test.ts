import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isPlaceholderGuid,
  MacAddress,
  macAddressFromBytes,
  SmbiosGuid,
  smbiosGuidFromBytes,
} from './identity.ts';

describe('M54 identity of a machine', () => {
  it.each(['00-11-22-AA-BB-CC', '00:11:22:aa:bb:cc', '0011.22aa.bbcc', '001122AABBCC'])(
    'reads the MAC address %s in one spelling',
    (text) => expect(MacAddress.parse(text)).toBe('00:11:22:aa:bb:cc'),
  );

  it.each(['', '00:11:22:aa:bb', '00:11:22:aa:bb:cc:dd', 'gg:11:22:aa:bb:cc'])(
    'refuses the MAC address "%s"',
    (text) => expect(MacAddress.safeParse(text).success).toBe(false),
  );

  it('reads the first three fields of a GUID as little-endian', () => {
    const bytes = Buffer.from('33221100554477668899aabbccddeeff', 'hex');
    expect(smbiosGuidFromBytes(bytes)).toBe('00112233-4455-6677-8899-aabbccddeeff');
  });

  it('reads bytes as the schemas read texts, views of other bytes too', () => {
    const six = { minLength: 6, maxLength: 6 };
    fc.assert(
      fc.property(
        fc.uint8Array(six),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (mac, id) => {
          const around = Uint8Array.of(1, ...mac, ...id, 2);
          const read = macAddressFromBytes(around.subarray(1, 7));
          expect(read).toBe(MacAddress.parse(Buffer.from(mac).toString('hex')));
          const guid = smbiosGuidFromBytes(around.subarray(7, 23));
          expect(guid).toBe(SmbiosGuid.parse(guid));
          expect(guid?.replaceAll('-', '').slice(16)).toBe(
            Buffer.from(id.subarray(8)).toString('hex'),
          );
        },
      ),
    );
    expect(macAddressFromBytes(new Uint8Array(5))).toBeUndefined();
  });

  it('has no GUID for bytes of another length', () => {
    expect(smbiosGuidFromBytes(new Uint8Array(17))).toBeUndefined();
  });

  it.each([
    ['00000000-0000-0000-0000-000000000000', true],
    ['FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', true],
    ['00000000-0000-0000-0000-000000000001', false],
    ['11111111-1111-1111-1111-111111111111', false],
  ])('knows whether %s identifies nothing', (guid, placeholder) => {
    expect(isPlaceholderGuid(SmbiosGuid.parse(guid))).toBe(placeholder);
  });
});

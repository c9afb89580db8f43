import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseAttributes,
  parseDevice,
  parseExtent,
  parseGeometry,
  parseLayout,
  parseScsiAddress,
  parseWorldWideName,
} from './drive-answers.ts';

describe('M55 answers of disk drivers', () => {
  it('an NVMe disk has a name by EUI-64, a SATA one by NAA', () => {
    const named = (type: number, identifier: string) =>
      Buffer.concat([
        Buffer.from('140000002800000001000000', 'hex'),
        Buffer.from(`01000000${type.toString(16).padStart(2, '0')}0000000800000000000000`, 'hex'),
        Buffer.from(identifier, 'hex'),
      ]);
    expect(parseWorldWideName(named(2, '0025385b71b0d5e2'))).toBe('eui.0025385b71b0d5e2');
    expect(parseWorldWideName(named(3, '5002538d41628a33'))).toBe('0x5002538d41628a33');
    expect(parseWorldWideName(named(3, '0000000000000000'))).toBeUndefined();
  });

  it('a volume on several disks has no one place', () => {
    const two = Buffer.alloc(56);
    two.writeUInt32LE(2, 0);
    expect(parseExtent(two)).toBeUndefined();
  });

  it('any bytes give a value or nothing', () => {
    const parsers = [
      parseAttributes,
      parseDevice,
      parseExtent,
      parseGeometry,
      parseLayout,
      parseScsiAddress,
      parseWorldWideName,
    ];
    assert(
      property(uint8Array({ maxLength: 700 }), (bytes) => {
        for (const parse of parsers) parse(bytes);
      }),
    );
  });
});

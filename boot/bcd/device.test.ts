import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BcdDevice, bootPath, formatDevice, gptPartition, parseDevice } from './device.ts';
import { NO_GUID } from './guid.ts';
import { wellKnown } from './object-kinds.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const zeros = (bytes: number) => '00'.repeat(bytes);
const utf16 = (text: string) => Buffer.from(text, 'utf16le').toString('hex');
const noOptions = zeros(16);
/** 0x48 bytes: type, no flags, size, nothing, body. */
const bootDescriptor = `05000000${zeros(4)}48000000${zeros(4)}${zeros(56)}`;
const ramdiskOptions = 'e03455ae24a96c46b836758539a3ee3a';
const volume = fc.oneof(
  fc.constant({ kind: 'boot' } as const),
  fc.record({ kind: fc.constant('gpt-partition' as const), partition: fc.uuid(), disk: fc.uuid() }),
  fc.record({
    kind: fc.constant('mbr-partition' as const),
    offsetBytes: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    diskSignature: fc.nat(0xffff_ffff),
  }),
);
const path = fc.array(fc.integer({ min: 1, max: 0xffff }), { maxLength: 20 }).map((units) => {
  return `\\${String.fromCharCode(...units)}`;
});
const device: fc.Arbitrary<BcdDevice> = fc.oneof(
  volume,
  fc.record({
    kind: fc.constant('ramdisk' as const),
    source: volume,
    path,
    options: fc.uuid(),
  }),
);

describe('device elements', () => {
  it.each<{ name: string; device: BcdDevice; bytes: string; length: number }>([
    {
      name: 'the boot device',
      device: { kind: 'boot' },
      bytes: noOptions + bootDescriptor,
      length: 88,
    },
    {
      name: 'a GPT partition',
      device: gptPartition(
        '{00112233-4455-6677-8899-AABBCCDDEEFF}',
        '01020304-0506-0708-090a-0b0c0d0e0f10',
      ),
      bytes: `${noOptions}06000000${zeros(4)}48000000${zeros(4)}33221100554477668899aabbccddeeff${zeros(8)}0403020106050807090a0b0c0d0e0f10${zeros(16)}`,
      length: 88,
    },
    {
      name: 'an MBR partition',
      device: { kind: 'mbr-partition', offsetBytes: 0x10_0000n, diskSignature: 0xa1b2_c3d4 },
      bytes: `${noOptions}06000000${zeros(4)}48000000${zeros(4)}0000100000000000${zeros(12)}01000000d4c3b2a1${zeros(28)}`,
      length: 88,
    },
    {
      name: 'a RAM disk from the boot device',
      device: {
        kind: 'ramdisk',
        source: { kind: 'boot' },
        path: '\\Boot\\boot.wim',
        options: wellKnown.ramdiskoptions,
      },
      bytes: `${ramdiskOptions}00000000010000009a0000000000000003000000${zeros(20)}010000007200000005000000${bootDescriptor}${utf16('\\Boot\\boot.wim\0')}`,
      length: 170,
    },
  ])('are, byte for byte, $name', ({ device, bytes, length }) => {
    expect(hex(formatDevice(device))).toBe(bytes);
    expect(formatDevice(device)).toHaveLength(length);
    expect(parseDevice(Buffer.from(bytes, 'hex'))).toEqual(device);
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(device, (value) => {
        expect(parseDevice(formatDevice(value))).toEqual(value);
      }),
    );
  });

  it('lose nothing of any bytes, known or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(formatDevice(parseDevice(bytes))).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(device, fc.nat(300), fc.nat(255), (value, at, byte) => {
        const bytes = Uint8Array.from(formatDevice(value));
        bytes[at % bytes.length] = byte;
        expect(formatDevice(parseDevice(bytes))).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it('are kept as bytes where they have what is not known: options of a partition, a cut path', () => {
    const partition = formatDevice(gptPartition(NO_GUID, NO_GUID));
    partition.set([1], 0);
    expect(parseDevice(partition)).toEqual({ kind: 'other', bytes: partition });
    const ramdisk = formatDevice({
      kind: 'ramdisk',
      source: { kind: 'boot' },
      path: '\\a',
      options: NO_GUID,
    }).slice(0, -2);
    expect(parseDevice(ramdisk)).toEqual({ kind: 'other', bytes: ramdisk });
  });
});

it.each(['Boot\\boot.wim', '/Boot/boot.wim', '\\', '', '\\Boot/boot.wim', '\\Boot\0'])(
  'the path %j is refused',
  (text) => {
    expect(() => bootPath(text)).toThrow(expect.objectContaining({ code: 'bcd.path' }));
  },
);

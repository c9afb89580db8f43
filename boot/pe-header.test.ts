import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smallProgram } from './pe-header.testing.ts';
import { peArchitecture, peSubsystem, type ReadAt, readPeHeader } from './pe-header.ts';

describe('M43 headers of a program', () => {
  it.each([
    [0x014c, 'x86', 0x10b],
    [0x8664, 'x64', 0x20b],
    [0xaa64, 'arm64', 0x20b],
  ] as const)('reads machine 0x%s as %s', async (machine, architecture, magic) => {
    const header = await readPeHeader(reader(smallProgram({ machine, magic })));
    expect(peArchitecture.get(header?.machine ?? 0)).toBe(architecture);
    expect(header).toMatchObject({ subsystem: 3, signature: undefined, resources: undefined });
    expect(header?.sections).toEqual([
      { virtualAddress: 0x1000, rawOffset: 0x200, rawSize: 0x200 },
    ]);
  });

  it('tells the subsystem, and where a signature lies', async () => {
    const bytes = smallProgram({ subsystem: peSubsystem.efiApplication, signature: { size: 16 } });
    const header = await readPeHeader(reader(bytes));
    expect(header?.subsystem).toBe(10);
    expect(header?.signature).toEqual({ at: 0x400, size: 16 });
    const view = new DataView(bytes.buffer);
    expect(view.getUint32(header?.checksumOffset ?? 0, true)).toBe(0x1234);
    expect(view.getUint32(header?.signatureEntryOffset ?? 0, true)).toBe(0x400);
  });

  it('is null for what is no program', async () => {
    expect(await readPeHeader(reader(new Uint8Array()))).toBeNull();
    expect(await readPeHeader(reader(Buffer.from('#!/bin/sh\n')))).toBeNull();
    expect(await readPeHeader(reader(smallProgram().subarray(0, 0x100)))).toBeNull();
  });

  it('comes to an end with few and small reads whatever the file says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(0x1ff), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        async (changes) => {
          const bytes = smallProgram({ signature: { size: 8 } });
          for (const [at, value] of changes) bytes[at] = value;
          let reads = 0;
          await readPeHeader(async (offset, length) => {
            reads += 1;
            expect(length).toBeLessThanOrEqual(65_536);
            return reader(bytes)(offset, length);
          });
          expect(reads).toBeLessThanOrEqual(4);
        },
      ),
    );
  });
});

function reader(bytes: Uint8Array): ReadAt {
  return async (offset, length) => bytes.subarray(offset, offset + length);
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallProgram } from '#boot/pe-header.testing.ts';
import { peSubsystem } from '#boot/pe-header.ts';
import { checkExecutable, removeSignature } from './windows-executable.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'executable-'));
});
afterAll(async () => rm(folder, { recursive: true }));

describe('M43 the executable for Windows', () => {
  it('loses the signature of the Node that it is made of, and nothing else', async () => {
    const signed = await file(smallProgram({ signature: { size: 24 } }));
    await removeSignature(signed);
    const plain = smallProgram();
    // The checksum: 0 says there is none.
    plain.fill(0, 0x80 + 24 + 64, 0x80 + 24 + 68);
    expect(Buffer.from(await readFile(signed)).equals(plain)).toBe(true);
    await checkExecutable(signed, { architecture: 'x64', signed: false });
    await removeSignature(signed);
    expect((await readFile(signed)).length).toBe(plain.length);
  });

  it('is refused when a signature is not at the end, where it could be cut off', async () => {
    const inside = await file(smallProgram({ signature: { size: 24, at: 0x200 } }));
    await expect(removeSignature(inside)).rejects.toThrow('ends at byte 536, the file at 1048');
    await expect(checkExecutable(inside, { architecture: 'x64', signed: true })).rejects.toThrow(
      'is not behind the sections (1024)',
    );
  });

  it('is refused with another architecture, another subsystem, cut off, or no program', async () => {
    const refusal = async (bytes: Uint8Array, signed = false): Promise<unknown> =>
      checkExecutable(await file(bytes), { architecture: 'arm64', signed }).catch(String);
    const arm64 = { machine: 0xaa64 };
    expect(await refusal(smallProgram(arm64))).toBeUndefined();
    expect(await refusal(smallProgram())).toContain('is for x64, not for arm64');
    const gui = smallProgram({ ...arm64, subsystem: peSubsystem.gui });
    expect(await refusal(gui)).toContain('subsystem 2, not 3');
    expect(await refusal(smallProgram(arm64).subarray(0, 0x300))).toContain('ends at byte 768');
    expect(await refusal(Buffer.from('#!/bin/sh\n'))).toContain('no program of Windows');
    expect(await refusal(smallProgram(arm64), true)).toContain('no signature after signing');
    const signature = { size: 8 };
    expect(await refusal(smallProgram({ ...arm64, signature }))).toContain('before it was signed');
    expect(await refusal(smallProgram({ ...arm64, signature }), true)).toBeUndefined();
  });
});

let count = 0;
async function file(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${count++}.exe`);
  await writeFile(path, bytes);
  return path;
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TpmExchange, tpmRows } from './tpm.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tpm-'));
  await mkdir(join(root, 'two/sys/class/tpm/tpm0'), { recursive: true });
  await writeFile(join(root, 'two/sys/class/tpm/tpm0/tpm_version_major'), '2\n');
  await mkdir(join(root, 'one/sys/class/tpm/tpm0/device'), { recursive: true });
  await writeFile(join(root, 'one/sys/class/tpm/tpm0/tpm_version_major'), '1\n');
  for (const [name, text] of [
    ['enabled', '1'],
    ['active', '0'],
    ['owned', '1'],
  ] as const)
    await writeFile(join(root, 'one/sys/class/tpm/tpm0/device', name), `${text}\n`);
});
afterAll(async () => rm(root, { recursive: true, force: true }));

/** A TPM that has these properties and answers those asked for. */
function tpm(values: Readonly<Record<number, number>>): TpmExchange {
  return async (command) => {
    expect(Buffer.from(command).toString('hex')).toMatch(
      /^8001000000160000017a00000006[0-9a-f]{16}$/,
    );
    const asked = Buffer.from(command);
    const [first, count] = [asked.readUInt32BE(14), asked.readUInt32BE(18)];
    const found = Object.entries(values)
      .filter(([property]) => Number(property) >= first)
      .slice(0, count);
    const answer = Buffer.alloc(19 + found.length * 8);
    answer.writeUInt16BE(0x8001, 0);
    answer.writeUInt32BE(answer.length, 2);
    answer.writeUInt32BE(6, 11);
    answer.writeUInt32BE(found.length, 15);
    for (const [index, [property, value]] of found.entries()) {
      answer.writeUInt32BE(Number(property), 19 + index * 8);
      answer.writeUInt32BE(value, 23 + index * 8);
    }
    return answer;
  };
}

describe('M03 Win32_Tpm in Linux', () => {
  it('asks a TPM 2.0 for level, revision and owner', async () => {
    const rows = await tpmRows(join(root, 'two'), tpm({ 257: 0, 258: 138, 512: 5 }));
    expect(rows).toEqual([
      {
        SpecVersion: '2.0, 0, 1.38',
        IsEnabled_InitialValue: true,
        IsActivated_InitialValue: true,
        IsOwned_InitialValue: true,
      },
    ]);
  });

  it('reads a TPM 1.2 from sysfs, and has no row for none', async () => {
    expect(await tpmRows(join(root, 'one'))).toEqual([
      {
        SpecVersion: '1.2, 2',
        IsEnabled_InitialValue: true,
        IsActivated_InitialValue: false,
        IsOwned_InitialValue: true,
      },
    ]);
    expect(await tpmRows(join(root, 'none'))).toEqual([]);
  });

  it('says no more than it knows of one that does not answer, or not as it should', async () => {
    const silent = { SpecVersion: '2.0, 0', IsOwned_InitialValue: null };
    expect(await tpmRows(join(root, 'two'))).toMatchObject([silent]);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (answer) => {
        const [row] = await tpmRows(join(root, 'two'), async () => answer);
        expect(row?.['SpecVersion']).toMatch(/^2\.0, \d+(, \d+\.\d\d)?$/);
      }),
    );
  });
});

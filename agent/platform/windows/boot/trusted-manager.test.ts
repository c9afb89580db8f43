import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  listType,
  signatureList,
  signedData,
  signedProgram,
  type TestCertificate,
  testCertificate,
} from '#boot/authenticode.testing.ts';
import { bootMachine } from './testing/boot-machine.ts';

const { signal } = new AbortController();
const MANAGER = 'EFI/Microsoft/Boot/bootmgfw.efi';
let old: TestCertificate;
let newer: TestCertificate;
let managers: { readonly EFI: Uint8Array; readonly EFI_EX: Uint8Array };

beforeAll(async () => {
  old = await testCertificate('Microsoft Windows Production PCA 2011');
  newer = await testCertificate('Windows UEFI CA 2023');
  const program = async (ca: TestCertificate): Promise<Uint8Array> =>
    signedProgram(signedData([await testCertificate('Microsoft Windows', ca), ca]));
  managers = { EFI: await program(old), EFI_EX: await program(newer) };
});

const database = (certificates: readonly TestCertificate[]): Uint8Array =>
  Buffer.concat(certificates.map(({ der }) => signatureList(listType.x509, der)));

interface Given {
  readonly db?: readonly TestCertificate[] | Uint8Array | undefined;
  readonly dbx?: readonly TestCertificate[];
  readonly secureBoot?: boolean;
  /** Sets of boot files that the image has. */
  readonly sets?: readonly ('EFI' | 'EFI_EX')[];
  /** What bcdboot puts there by itself, and whether it knows `/bootex`. */
  readonly first?: 'EFI' | 'EFI_EX';
  readonly knows?: boolean;
}

/** Installs on a machine with that firmware; which set is there then, and what bcdboot was asked for. */
async function install(given: Given) {
  const { db, dbx = [], sets = ['EFI', 'EFI_EX'], first = 'EFI', knows = true } = given;
  const data: Record<string, Uint8Array | undefined> = {
    db: db instanceof Uint8Array || db === undefined ? db : database(db),
    dbx: database(dbx),
  };
  await using machine = await bootMachine({
    secureBoot: given.secureBoot ?? true,
    firmwareVariable: (name) => data[name],
  });
  const { simulated, boot, bcdboot, ids, esp, os, put, logged } = machine;
  for (const [set, path] of [
    ['EFI', 'Windows/Boot/EFI/bootmgfw.efi'],
    ['EFI_EX', 'Windows/Boot/EFI_EX/bootmgfw_EX.efi'],
  ] as const)
    await (sets.includes(set) ? put(os, path, managers[set]) : rm(join(os, path)));
  await put(os, 'Windows/Boot/EFI/en-US/bootmgr.efi.mui', 'texts');
  await put(os, 'Windows/Boot/Fonts_EX/segmono_boot_EX.ttf', 'font');
  const asked: boolean[] = [];
  simulated.tools = {
    'bcdboot.exe': async ({ argv }) => {
      const isNewer = argv.includes('/bootex');
      asked.push(isNewer);
      if (isNewer && !knows) return { code: 87, output: 'unknown option' };
      return bcdboot(undefined, managers[isNewer ? 'EFI_EX' : first]);
    },
    'bcdedit.exe': async () => ({ code: 1 }),
  };
  await boot.install({ ...ids, os: 'windows', title: '' }, signal);
  const text = async (path: string) => readFile(join(esp, path), 'utf8').catch(() => undefined);
  const written = await readFile(join(esp, MANAGER));
  const fallback = await readFile(join(esp, 'EFI/Boot/bootx64.efi'));
  const set = written.equals(managers.EFI) ? 'EFI' : 'EFI_EX';
  expect(fallback.equals(managers[set])).toBe(true);
  expect(written.equals(managers[set])).toBe(true);
  const font = await text('EFI/Microsoft/Boot/Fonts/segmono_boot.ttf');
  return { set, asked, font, log: logged.join('\n') };
}

describe('M55 the boot manager is one that the firmware starts', () => {
  it('stays as bcdboot chose it where that is trusted', async () => {
    expect(await install({ db: [old, newer] })).toMatchObject({ set: 'EFI', asked: [false] });
    expect(await install({ db: [newer], first: 'EFI_EX' })).toMatchObject({ asked: [false] });
  });

  it('is that of 2023 on a machine that trusts nothing else, by a bcdboot that knows it', async () => {
    const found = await install({ db: [newer] });
    expect(found).toMatchObject({ set: 'EFI_EX', asked: [false, true], font: undefined });
    expect(found.log).toContain('would refuse the boot manager that bcdboot chose');
    const revoked = await install({ db: [old, newer], dbx: [old] });
    expect(revoked).toMatchObject({ set: 'EFI_EX', asked: [false, true] });
  });

  it('is copied out of the Windows where bcdboot does not know it, fonts as well', async () => {
    const found = await install({ db: [newer], knows: false });
    expect(found).toMatchObject({ set: 'EFI_EX', asked: [false, true], font: 'font' });
  });

  it('is that of 2011 on a machine that does not know the newer one', async () => {
    const found = await install({ db: [old], first: 'EFI_EX' });
    expect(found).toMatchObject({ set: 'EFI', asked: [false], font: undefined });
  });

  it('is refused where the image has none that would start', async () => {
    await expect(install({ db: [newer], sets: ['EFI'] })).rejects.toMatchObject({
      code: 'windows.boot-files',
      message: expect.stringContaining('Windows Production PCA 2011'),
    });
  });

  it.each([
    ['Secure Boot is off', { secureBoot: false, db: undefined }, /^(?!.*judged)/s],
    [
      'its keys cannot be read',
      { db: undefined },
      /cannot be read: the boot manager is not judged/,
    ],
    ['it has no keys', { db: [] }, /is not judged/],
    ['its keys are damaged', { db: new Uint8Array(9) }, /is not judged: The list of signatures/],
  ] as const)('is not judged where %s', async (_what, given, told) => {
    const { set, asked, log } = await install(given);
    expect([set, asked]).toEqual(['EFI', [false]]);
    expect(log).toMatch(told);
  });
});

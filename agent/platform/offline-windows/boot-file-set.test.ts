import { beforeAll, describe, expect, it } from 'vitest';
import {
  listType,
  signatureList,
  signedData,
  signedProgram,
  type TestCertificate,
  testCertificate,
} from '#boot/authenticode.testing.ts';
import { emptySignatures, parseSignatureLists } from '#boot/efi-signatures.ts';
import { type BootManagers, bootFileName, chooseBootFiles } from './boot-file-set.ts';
import type { FirmwareTrust } from './firmware-trust.ts';

let old: TestCertificate;
let newer: TestCertificate;
let both: BootManagers;

beforeAll(async () => {
  old = await testCertificate('Microsoft Windows Production PCA 2011');
  newer = await testCertificate('Windows UEFI CA 2023');
  const program = async (ca: TestCertificate): Promise<Uint8Array> =>
    signedProgram(signedData([await testCertificate('Microsoft Windows', ca), ca]));
  both = { EFI: await program(old), EFI_EX: await program(newer) };
});

const databaseOf = (certificates: readonly TestCertificate[]) =>
  parseSignatureLists(
    Buffer.concat(certificates.map(({ der }) => signatureList(listType.x509, der))),
  );
function firmware(
  secureBoot: boolean,
  db: readonly TestCertificate[],
  dbx: readonly TestCertificate[] = [],
): FirmwareTrust {
  return { secureBoot, db: databaseOf(db), dbx: databaseOf(dbx) };
}

describe('M55 chooseBootFiles', () => {
  it('takes the set that this firmware trusts, the newer where it trusts both', async () => {
    expect((await chooseBootFiles(both, firmware(true, [old]))).set).toBe('EFI');
    expect((await chooseBootFiles(both, firmware(true, [newer]))).set).toBe('EFI_EX');
    expect((await chooseBootFiles(both, firmware(true, [old, newer]))).set).toBe('EFI_EX');
    expect((await chooseBootFiles({ EFI: both.EFI }, firmware(true, [old, newer]))).set).toBe(
      'EFI',
    );
  });

  it('takes the newer one where the older is revoked, and refuses an image that has only that', async () => {
    const revoking = firmware(true, [old, newer], [old]);
    expect((await chooseBootFiles(both, revoking)).set).toBe('EFI_EX');
    await expect(chooseBootFiles({ EFI: both.EFI }, revoking)).rejects.toMatchObject({
      code: 'windows.boot-files',
      message: expect.stringContaining('is revoked (Microsoft Windows Production PCA 2011)'),
    });
  });

  it('refuses, with the reason for each, what the firmware would refuse', async () => {
    const stranger = await testCertificate('Acme');
    const unsigned = { ...both, EFI: new Uint8Array(4) };
    await expect(chooseBootFiles(unsigned, firmware(true, [stranger]))).rejects.toThrow(
      /EFI_EX.* is signed by Windows UEFI CA 2023, which is not trusted; .*EFI\\bootmgfw.efi cannot be read/,
    );
    await expect(chooseBootFiles({}, firmware(false, []))).rejects.toThrow(/neither/);
  });

  it('takes the plain set where nothing is checked, but what the keys are for when there are some', async () => {
    const none: FirmwareTrust = { secureBoot: false, db: emptySignatures, dbx: emptySignatures };
    expect((await chooseBootFiles(both, none)).set).toBe('EFI');
    expect((await chooseBootFiles({ EFI_EX: both.EFI_EX }, none)).set).toBe('EFI_EX');
    expect((await chooseBootFiles(both, firmware(false, [newer]))).set).toBe('EFI_EX');
  });
});

it('M55 names files of the newer set as the firmware and the boot manager look for them', () => {
  const names = [
    'bootmgfw_EX.efi',
    'wgl4_boot_EX.ttf',
    'de-DE/memtest_EX.efi',
    'boot.stl',
    'A_EXTRA.efi',
  ];
  expect(names.map(bootFileName)).toEqual([
    'bootmgfw.efi',
    'wgl4_boot.ttf',
    'de-DE/memtest.efi',
    'boot.stl',
    'A_EXTRA.efi',
  ]);
});

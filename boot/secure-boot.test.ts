import { beforeAll, describe, expect, it } from 'vitest';
import {
  listType,
  sha256,
  signatureList,
  signedData,
  signedProgram,
  type TestCertificate,
  testCertificate,
} from './authenticode.testing.ts';
import { readSignedProgram, signedPart } from './authenticode.ts';
import { emptySignatures, parseSignatureLists, type SignatureDatabase } from './efi-signatures.ts';
import { smallProgram } from './pe-header.testing.ts';
import { type FirmwareVerdict, judgeProgram } from './secure-boot.ts';

let root: TestCertificate;
let old: TestCertificate;
let newer: TestCertificate;
let signer: TestCertificate;
let newSigner: TestCertificate;

beforeAll(async () => {
  root = await testCertificate('Root 2010');
  old = await testCertificate('Production PCA 2011', root);
  newer = await testCertificate('UEFI CA 2023', root);
  signer = await testCertificate('Windows', old);
  newSigner = await testCertificate('Windows', newer);
});

const trusting = (...certificates: readonly TestCertificate[]): SignatureDatabase =>
  parseSignatureLists(
    Buffer.concat(certificates.map((one) => signatureList(listType.x509, one.der))),
  );
async function judge(
  program: Uint8Array,
  db: SignatureDatabase,
  dbx: SignatureDatabase = emptySignatures,
): Promise<FirmwareVerdict> {
  return judgeProgram(await readSignedProgram(program), { db, dbx });
}

describe('M55 judgeProgram', () => {
  it('trusts what is signed below a certificate of db, whether the program carries that one or not', async () => {
    const by = { kind: 'trusted', by: 'Production PCA 2011' };
    expect(await judge(signedProgram(signedData([signer, old])), trusting(old))).toEqual(by);
    expect(await judge(signedProgram(signedData([signer])), trusting(newer, old))).toEqual(by);
  });

  it('tells programs of the other certificate, and unsigned ones, from those it trusts', async () => {
    const program = signedProgram(signedData([newSigner, newer]));
    expect(await judge(program, trusting(old))).toEqual({
      kind: 'unknown',
      signers: ['UEFI CA 2023'],
    });
    expect(await judge(smallProgram(), trusting(old))).toEqual({ kind: 'unsigned' });
  });

  it('does not trust a certificate that only bears the name of a trusted one', async () => {
    const impostor = await testCertificate('Production PCA 2011');
    const forged = await testCertificate('Windows', impostor);
    const verdict = await judge(signedProgram(signedData([forged, impostor])), trusting(old));
    expect(verdict.kind).toBe('unknown');
  });

  it('refuses what dbx names: a certificate, its hash, a program; one of two signatures is enough', async () => {
    const program = signedProgram(signedData([signer, old]), signedData([newSigner, newer]));
    const db = trusting(old, newer);
    const { signatures } = await readSignedProgram(program);
    const top = signatures[0]?.chain[1];
    if (top === undefined) throw new Error('the chain has no issuer');
    const { sha256: hash } = await readSignedProgram(program);
    expect((await judge(program, db)).kind).toBe('trusted');
    const bySigned = signatureList(
      listType.x509Sha256,
      Buffer.concat([sha256(signedPart(top)), Buffer.alloc(16)]),
    );
    const byProgram = signatureList(listType.sha256, Buffer.from(hash, 'hex'));
    for (const dbx of [
      trusting(old),
      parseSignatureLists(bySigned),
      parseSignatureLists(byProgram),
    ])
      expect((await judge(program, db, dbx)).kind).toBe('revoked');
    const withoutIssuer = signedProgram(signedData([signer]));
    expect((await judge(withoutIssuer, db, trusting(old))).kind).toBe('revoked');
  });

  it('trusts a program that db names by its hash, and the hash leaves signature and checksum out', async () => {
    const program = Buffer.from(smallProgram());
    const { sha256: hash } = await readSignedProgram(program);
    const db = parseSignatureLists(signatureList(listType.sha256, Buffer.from(hash, 'hex')));
    expect((await judge(program, db)).kind).toBe('trusted');
    const changed = Buffer.from(program);
    changed.writeUInt8(changed.readUInt8(0x250) ^ 1, 0x250);
    expect((await judge(changed, db)).kind).toBe('unsigned');
  });

  it('names what it cannot read', async () => {
    await expect(readSignedProgram(Buffer.from('MZ'))).rejects.toThrow(/no program/);
    await expect(readSignedProgram(signedProgram(Buffer.alloc(30)))).rejects.toThrow(/PKCS #7/);
    const long = Buffer.from(signedProgram(signedData([signer])));
    long.writeUInt32LE(0xffff, 0x400);
    await expect(readSignedProgram(long)).rejects.toThrow(/length of 65535/);
    const nobody = signedProgram(signedData([signer]).map((byte) => byte));
    expect((await readSignedProgram(nobody)).signatures).toHaveLength(1);
  });
});

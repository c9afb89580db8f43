import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSignedProgram } from './authenticode.ts';
import { formatGuid } from './bcd/guid.ts';
import { emptySignatures, IMAGE_SECURITY_GUID, parseSignatureLists } from './efi-signatures.ts';
import { smallProgram } from './pe-header.testing.ts';
import { judgeProgram } from './secure-boot.ts';

/** OVMF's variables with the keys of Microsoft, as its Debian package has them. */
const VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.ms.fd';

const missing = [VARIABLES, '/usr/bin/openssl', '/usr/bin/osslsigncode'].filter(
  (path) => !existsSync(path),
);
if (missing.length > 0 && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`missing: ${missing.join(', ')}`);

describe.skipIf(missing.length > 0)('M55 Secure Boot beside other tools', () => {
  it('reads db and dbx of a real firmware', () => {
    const db = parseSignatureLists(variable('db'));
    const names = db.certificates.map((bytes) => new X509Certificate(bytes).subject);
    expect(names.join('\n')).toContain('CN=Microsoft Windows Production PCA 2011');
    const dbx = parseSignatureLists(variable('dbx'));
    expect(dbx.programs.size).toBeGreaterThan(0);
  });

  it('reads what osslsigncode signed: its chain, and the same hash', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'metalwright-sign-'));
    try {
      const at = (name: string): string => join(folder, name);
      const run = (program: string, ...words: readonly string[]): string =>
        execFileSync(program, words, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
      const request = ['req', '-newkey', 'rsa:2048', '-nodes', '-sha256', '-days', '2'];
      run(
        'openssl',
        ...request,
        '-x509',
        '-subj',
        '/CN=Lab CA',
        '-keyout',
        'ca.key',
        '-out',
        'ca.pem',
      );
      run(
        'openssl',
        ...request.slice(0, -2),
        '-subj',
        '/CN=Lab signer',
        '-keyout',
        'a.key',
        '-out',
        'a.csr',
      );
      run(
        'openssl',
        'x509',
        '-req',
        '-in',
        'a.csr',
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        'a.pem',
      );
      run('openssl', 'x509', '-in', 'ca.pem', '-outform', 'DER', '-out', 'ca.der');
      const plain = smallProgram();
      writeFileSync(at('plain.efi'), plain);
      run(
        'osslsigncode',
        'sign',
        '-h',
        'sha256',
        '-certs',
        'a.pem',
        '-key',
        'a.key',
        '-in',
        'plain.efi',
        '-out',
        'signed.efi',
      );
      const signed = await readSignedProgram(readFileSync(at('signed.efi')));
      expect(signed.signatures[0]?.chain.map(({ subject }) => subject)).toEqual(['CN=Lab signer']);
      expect(signed.sha256).toBe((await readSignedProgram(plain)).sha256);
      const said = execFileSync('sh', ['-c', 'osslsigncode verify -in signed.efi 2>&1 || true'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(said.toLowerCase()).toContain(signed.sha256);
      const db = { ...emptySignatures, certificates: [readFileSync(at('ca.der'))] };
      expect(judgeProgram(signed, { db, dbx: emptySignatures })).toEqual({
        kind: 'trusted',
        by: 'Lab CA',
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Data of a variable in OVMF's store (AUTHENTICATED_VARIABLE_HEADER: 0x55AA at +0, data size at +40, GUID at +44). */
function variable(name: string): Uint8Array {
  const store = readFileSync(VARIABLES);
  const wanted = Buffer.concat([
    formatGuid(IMAGE_SECURITY_GUID),
    Buffer.from(`${name}\0`, 'utf16le'),
  ]);
  for (let at = store.indexOf(wanted); at !== -1; at = store.indexOf(wanted, at + 1)) {
    const header = at - 44;
    const isLive = store.readUInt16LE(header) === 0x55aa && store.readUInt8(header + 2) === 0x3f;
    const from = at + wanted.length;
    if (isLive) return store.subarray(from, from + store.readUInt32LE(header + 40));
  }
  throw new Error(`${VARIABLES} has no variable ${name}`);
}

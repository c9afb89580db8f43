import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openBootSigner } from './boot-signing.ts';

const run = promisify(execFile);

it.skipIf(isMissing())('signify-openbsd accepts the signature, and no other text', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-signify-'));
  try {
    const signer = await openBootSigner(directory);
    const manifest = Buffer.from('0123 42 rest.squashfs\n');
    const file = (name: string) => join(directory, name);
    await writeFile(file('boot.pub'), signer.publicKey);
    await writeFile(file('manifest'), manifest);
    await writeFile(file('manifest.sig'), signer.sign(manifest));
    const check = () =>
      run(
        'signify-openbsd',
        ['-V', '-p', file('boot.pub'), '-x', file('manifest.sig'), '-m', file('manifest')],
        { timeout: 10_000 },
      );
    expect((await check()).stdout).toContain('Signature Verified');
    await writeFile(file('manifest'), '0123 43 rest.squashfs\n');
    await expect(check()).rejects.toThrow(/signature verification failed/);
    // The key is the same at the next start.
    expect((await openBootSigner(directory)).publicKey).toBe(signer.publicKey);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

/** Debian package signify-openbsd. */
function isMissing(): boolean {
  if (process.env['REQUIRE_PEERS'] === '1') return false;
  try {
    execFileSync('which', ['signify-openbsd']);
    return false;
  } catch {
    return true;
  }
}

import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Reads a secret's file, or makes it at the first start: mode 0600, synced, renamed into place, so that a
 * power cut leaves either no file or a whole one.
 */
export async function readOrMake(
  path: string,
  make: () => string | Promise<string>,
): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    await chmod(path, 0o600);
    return text;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const text = await make();
  await writeSecret(path, text);
  return text;
}

/** Replaces a secret's file, mode 0600. */
export async function writeSecret(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from './child.ts';

/** Captures a folder as a WIM that says of itself which OS and architecture it holds. */
export async function captureWim(
  folder: string,
  wim: string,
  options: {
    readonly name: string;
    readonly properties?: Readonly<Record<string, string>>;
    readonly unixData?: boolean;
  },
): Promise<void> {
  const properties = Object.entries(options.properties ?? {}).map(
    ([name, value]) => `--image-property=${name}=${value}`,
  );
  const unix: string[] = options.unixData === false ? [] : ['--unix-data'];
  await runCommand(
    [
      'wimlib-imagex',
      'capture',
      folder,
      wim,
      options.name,
      '--compress=XPRESS',
      ...unix,
      ...properties,
    ],
    { timeoutMs: 300_000 },
  );
}

/** Writes a small tree: files by path, an executable where the path begins with `bin/`, and one symlink. */
export async function writeTree(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    if (path.includes('bin/')) await chmod(file, 0o755);
  }
  const [first] = Object.keys(files);
  if (first !== undefined) await symlink(first, join(folder, 'link-to-first'));
}

import { type Child, runCommand, startChild } from '../child.ts';
import { waitFor } from '../wait.ts';

/** By ntfs-3g. */
export async function mountNtfs(loop: string, folder: string): Promise<AsyncDisposable> {
  await runCommand(['mount', '-t', 'ntfs-3g', '-o', 'big_writes', loop, folder]);
  return { [Symbol.asyncDispose]: () => unmount(folder) };
}

/** By fusefat: the host's kernel may have no FAT. It stays in the foreground. */
export async function mountFat(loop: string, folder: string): Promise<AsyncDisposable> {
  const child: Child = await startChild(['fusefat', '-f', '-o', 'rw+', loop, folder], {
    logFile: `${folder}.log`,
  });
  await waitFor(
    'fusefat mounts',
    async () =>
      (await runCommand(['findmnt', '--noheadings', folder], { accept: [1] })) !== '' || undefined,
    {
      timeoutMs: 30_000,
      everyMs: 30,
      signal: new AbortController().signal,
      evidence: () => child.tail(),
    },
  );
  return {
    async [Symbol.asyncDispose]() {
      await unmount(folder);
      await child.exited;
    },
  };
}

async function unmount(folder: string): Promise<void> {
  await waitFor(
    `${folder} is let go`,
    async () =>
      (await runCommand(['umount', folder], { accept: [0, 32] }).then(() =>
        runCommand(['findmnt', '--noheadings', folder], { accept: [1] }),
      )) === '' || undefined,
    { timeoutMs: 30_000, signal: new AbortController().signal },
  );
}

/** What blkid tells of a file system, by its names. */
export async function probe(device: string): Promise<Record<string, string>> {
  const text = await runCommand(['blkid', '--probe', '--output', 'export', device], {
    accept: [2],
  });
  return Object.fromEntries(
    text.split('\n').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
}

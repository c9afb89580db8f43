import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const RETRY_MS = 500;

/**
 * Runs one build at a time in a cache directory that all clones share: a second one waits, and then finds
 * that nothing is left to do. The lock names its process and when that began, so that one left by a
 * killed build is taken over.
 */
export async function withBuildLock<Result>(
  cacheDirectory: string,
  options: { readonly signal: AbortSignal; readonly log: (line: string) => void },
  build: () => Promise<Result>,
): Promise<Result> {
  await mkdir(cacheDirectory, { recursive: true });
  const path = join(cacheDirectory, 'build.lock');
  const mine = `${process.pid} ${await startTime(process.pid)}`;
  let told = false;
  while (!(await take(path, mine))) {
    const owner = await readFile(path, 'utf8').catch(() => '');
    const [pid, began] = owner.split(' ');
    if (pid !== undefined && began !== undefined && (await startTime(Number(pid))) !== began) {
      await rm(path, { force: true });
      continue;
    }
    if (!told)
      options.log(`another build (process ${pid ?? '?'}) runs in ${cacheDirectory}: waiting`);
    told = true;
    await wait(RETRY_MS, undefined, { signal: options.signal });
  }
  try {
    return await build();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string, owner: string): Promise<boolean> {
  try {
    await using file = await open(path, 'wx');
    await file.writeFile(owner);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** When a process began, in clock ticks since boot: field 22 of proc(5) stat; undefined when it is gone. */
async function startTime(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field, the name in brackets, may hold blanks.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StepError } from '../../../sequence/step.ts';
import type { OfflineHive, RegistryEdit } from '../../../sequence/windows-capability.ts';
import { openHive, readHive, writeHive } from '../../offline-windows/hive-file.ts';
import { lastLines, runCommand } from '../process.ts';
import { planEdits, sameTree } from './hive-edits.ts';

const HIVEX_TIMEOUT_MS = 600_000;

/**
 * Changes a hive of the Windows below `root`: hivexsh works on a copy in `folder`, and the copy is written back
 * only when our own reader finds in it what was asked for, and nothing else changed.
 * @throws {StepError} `windows.none`, `windows.hive`, `windows.hive-dirty`
 */
export async function editRegistry(
  root: string,
  { hive: name, edits }: { readonly hive: OfflineHive; readonly edits: readonly RegistryEdit[] },
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const file = await openHive(root, name);
  const { expected, script } = planEdits(file.hive.root, edits);
  if (script === '') return;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'hive-'));
  try {
    const copy = join(work, name);
    await writeFile(copy, file.bytes);
    await runHivex(copy, script, signal);
    const bytes = await readFile(copy);
    if (!sameTree(expected, readHive(bytes, name).root))
      throw new StepError('windows.hive', `hivexsh did not make the changes of ${name} as asked`, {
        hint: 'Nothing was changed. Report it with the log of the run.',
      });
    await writeHive(file, bytes);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function runHivex(hive: string, script: string, signal: AbortSignal): Promise<void> {
  const path = `${hive}.script`;
  await writeFile(path, script);
  const { code, output, timedOut } = await runCommand(
    { argv: ['hivexsh', '-w', '-f', path, hive], timeoutMs: HIVEX_TIMEOUT_MS },
    signal,
  );
  if (timedOut || code !== 0)
    throw new StepError(
      'windows.hive',
      timedOut
        ? 'hivexsh did not end in ten minutes'
        : `hivexsh ended with exit code ${code}: ${lastLines(output)}`,
      { exitCode: timedOut ? 0x800705b4 : code },
    );
}

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path/win32';
import { errorHandler, setupComplete } from '../../../windows-setup/places.ts';
import { removalText } from '../../../windows-setup/removal-script.ts';
import { SERVICE_NAME } from '../../../windows-setup/service.ts';
import { restoreChanges } from '../../../windows-setup/setup-files.ts';
import { changeSmallFile, readSmallFile } from '../../offline-windows/small-files.ts';
import type { RunWindowsTool } from '../run-tool.ts';

/** ERROR_SERVICE_DOES_NOT_EXIST, ERROR_SERVICE_MARKED_FOR_DELETE: it is gone, or as good as that. */
const GONE = [1060, 1072];

/**
 * Takes the agent out of the Windows that runs: its service, its scripts of Windows Setup, and when it has ended
 * its folder. What the image had in place of the scripts is there again.
 */
export async function removeAgentFromWindows(
  { runTool, systemRoot }: { readonly runTool: RunWindowsTool; readonly systemRoot: string },
  signal: AbortSignal,
): Promise<void> {
  const { root } = parse(systemRoot);
  for (const script of [setupComplete, errorHandler])
    for (const change of restoreChanges(script, await readSmallFile(root, script.path)))
      await changeSmallFile(root, change);
  await runTool({ argv: ['sc.exe', 'delete', SERVICE_NAME], allowed: GONE }, signal);
  const path = join(systemRoot, 'Temp', 'metalwright-remove.cmd');
  await writeFile(path, removalText(), { flush: true });
  const child = spawn(join(systemRoot, 'System32', 'cmd.exe'), ['/d', '/c', path], {
    cwd: systemRoot,
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  });
  child.on('error', () => {});
  child.unref();
}

import type { WindowsMachineParts } from '../parts.ts';
import { parseBcdedit } from '../tools/bcdedit.ts';

const FIRMWARE = '{fwbootmgr}';
const MANAGER = '{bootmgr}';

/**
 * `BootNext` by bcdedit, and the Windows boot manager back in the order of a firmware that has dropped it: last, so
 * that what the site has put first stays first. Firmware that refuses is left as it is: its own order counts.
 * Returns what was done, for the log.
 */
export async function startFromDisk(
  { runTool }: Pick<WindowsMachineParts, 'runTool'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const bcdedit = async (...args: string[]): Promise<string> =>
    (await runTool({ argv: ['bcdedit.exe', ...args], allowed: 'any' }, signal)).output;
  const firmware = async (element: string): Promise<readonly string[]> =>
    parseBcdedit(await bcdedit('/enum', FIRMWARE))
      .find(({ identifier }) => identifier === FIRMWARE)
      ?.elements.get(element)
      ?.map((id) => id.toLowerCase()) ?? [];
  const isListed = (await firmware('displayorder')).includes(MANAGER);
  if (!isListed) await bcdedit('/set', FIRMWARE, 'displayorder', MANAGER, '/addlast');
  await bcdedit('/set', FIRMWARE, 'bootsequence', MANAGER);
  if (!(await firmware('bootsequence')).includes(MANAGER)) return undefined;
  return `The next start is of the Windows boot manager${isListed ? '' : ', which the firmware had lost'}`;
}

import { setTimeout as wait } from 'node:timers/promises';
import { StepError } from '../../../sequence/step-error.ts';
import { confirmDisk, confirmDiskScript } from '../tools/diskpart/confirm-disk.ts';
import { deletePartitionScript, eraseDiskScript } from '../tools/diskpart/script.ts';
import type { ScannedDisk } from './drives.ts';
import { assertSame, notWritten, type PartitionTools } from './partition-tools.ts';
import { isBusy, RESTING_MS, runDiskpart } from './run-diskpart.ts';

const SCRIPT_TIMEOUT_MS = 10 * 60_000;

/**
 * Erases a disk and gives it a table without partitions.
 * @throws {StepError} `disk.not-written`, `diskpart.*`, `tool.*`
 */
export async function eraseDisk(
  found: ScannedDisk,
  style: 'gpt' | 'mbr',
  tools: PartitionTools,
  signal: AbortSignal,
): Promise<void> {
  await confirm(found, tools, signal);
  await erase(found, style, tools, signal);
  await removeLeftovers(found, style, tools, signal);
}

/** Both by what the drivers say, and by what diskpart itself says of that number. */
async function confirm(
  found: ScannedDisk,
  tools: PartitionTools,
  signal: AbortSignal,
): Promise<void> {
  const { number, sizeBytes } = found.disk;
  const script = confirmDiskScript(number);
  const output = await run(`looking at disk ${number}`, script, true, tools, signal);
  const now = assertSame(found, tools);
  confirmDisk(output, {
    number,
    sizeBytes,
    uniqueId: now.tableId,
    model: null,
    locationPath: null,
  });
}

/** Once more where diskpart's service was not ready, and then only if the number still is that disk's. */
async function erase(
  found: ScannedDisk,
  style: 'gpt' | 'mbr',
  tools: PartitionTools,
  signal: AbortSignal,
): Promise<void> {
  const { number } = found.disk;
  const once = async () =>
    run(`erasing disk ${number}`, eraseDiskScript(number, style), false, tools, signal);
  try {
    await once();
  } catch (error) {
    if (!(error instanceof StepError) || !isBusy(error)) throw error;
    await wait(tools.parts.restingMs ?? RESTING_MS, undefined, { signal });
    await confirm(found, tools, signal);
    await once();
  }
}

/** Windows puts a reserved partition on a disk that becomes GPT; anything else must be gone. */
async function removeLeftovers(
  found: ScannedDisk,
  style: 'gpt' | 'mbr',
  tools: PartitionTools,
  signal: AbortSignal,
): Promise<void> {
  const { number } = found.disk;
  const erased = assertSame(found, tools);
  if (style === 'gpt' && erased.style !== 'gpt')
    throw notWritten(found, `diskpart was to make it GPT, and it is ${erased.style}`);
  const old = new Set(found.volumes.map(({ partition }) => partition.volume));
  const left = erased.volumes.filter(
    ({ partition }) => partition.type !== 'msr' || old.has(partition.volume),
  );
  if (left.length > 0) throw notWritten(found, `${left.length} of its partitions are still there`);
  for (const { windowsNumber } of erased.volumes) {
    const script = deletePartitionScript(number, windowsNumber);
    await run(`removing the reserved partition of disk ${number}`, script, false, tools, signal);
  }
  const rest = erased.volumes.length === 0 ? 0 : assertSame(found, tools).volumes.length;
  if (rest > 0) throw notWritten(found, 'its reserved partition is still there');
}

async function run(
  title: string,
  text: string,
  again: boolean,
  { parts }: PartitionTools,
  signal: AbortSignal,
): Promise<string> {
  return runDiskpart({ text, title, timeoutMs: SCRIPT_TIMEOUT_MS, again }, parts, signal);
}

import { DRIVER_INDEX, DriverIndex, MAX_INDEX_BYTES } from '#agent/drivers/driver-index.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import { type StepContext, StepError } from '#agent/sequence/step.ts';

/** What a driver package says of its drivers. @throws {StepError} `drivers.index`, `content.*` */
export async function readDriverIndex(
  packageId: PackageId,
  { content, signal }: Pick<StepContext, 'content' | 'signal'>,
): Promise<DriverIndex> {
  const object = await content.open(packageId, DRIVER_INDEX);
  const refuse = (why: string): never => {
    throw new StepError('drivers.index', `The index of driver package ${packageId} ${why}`, {
      hint: 'Add the package again: metalwright package add <folder> --drivers.',
      exitCode: 0x8007000d,
    });
  };
  if (object.sizeBytes > MAX_INDEX_BYTES) refuse(`has ${object.sizeBytes} bytes`);
  const bytes = await object.read(0, object.sizeBytes, signal);
  return parseIndex(new TextDecoder().decode(bytes)) ?? refuse('is not understood');
}

function parseIndex(text: string): DriverIndex | undefined {
  try {
    return DriverIndex.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

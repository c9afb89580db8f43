import type { BootImageIdentity, Environment, RunGrant } from '../protocol/policy.ts';

/**
 * What is told of a run whose machine was started from something else than its task sequence names; undefined
 * where that is the same, or is not known. Configuration Manager restarts into the right one; here the run goes
 * on where it is, and the next restart to the boot image starts the one that is named.
 */
export function otherBootImage(
  { bootImage: wanted, content }: Pick<RunGrant, 'bootImage' | 'content'>,
  {
    environment,
    bootImage,
  }: { readonly environment: Environment; readonly bootImage: BootImageIdentity | undefined },
): string | undefined {
  if (environment === 'full-os') return undefined;
  const found = wanted === undefined ? undefined : content[wanted];
  const name = found?.kind === 'found' ? found.manifest.name : undefined;
  const here = environment === 'linux-pe' ? 'Linux PE' : bootImage && named(bootImage.name);
  // What is missing is told before the first step; what an older boot image is cannot be known.
  if (here === undefined || (wanted !== undefined && name === undefined)) return undefined;
  const there = wanted === undefined ? 'Linux PE' : `${named(name ?? '')} (${wanted})`;
  const isSame =
    environment === 'linux-pe' ? wanted === undefined : sameName(name, bootImage?.name);
  if (isSame) return undefined;
  return `The task sequence is for the boot image ${there}, and the machine was started from ${here}: the run goes on here, and a restart to the boot image starts ${there}`;
}

function named(name: string): string {
  return JSON.stringify(name);
}

/** Names of boot images are told apart without case. */
function sameName(one: string | undefined, other: string | undefined): boolean {
  return one?.trim().toLowerCase() === other?.trim().toLowerCase();
}

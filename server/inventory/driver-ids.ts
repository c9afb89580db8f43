import type { DriverFacts } from '#agent/drivers/driver-facts.ts';

/** Ids that a driver is for, hardware ids and compatible ones, each once. Pure. */
export function idsOfDriver({ sections }: Pick<DriverFacts, 'sections'>): string[] {
  const ids = new Set<string>();
  for (const { models } of sections)
    for (const { hardwareId, compatibleIds } of models)
      for (const id of [hardwareId, ...compatibleIds]) if (id !== '') ids.add(id.toUpperCase());
  return [...ids];
}

import { networkInterfaces } from 'node:os';

/** What servers of the site are known by in the inventory: the adapters of this one. */
export function siteMacs(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ internal }) => !internal).map(({ mac }) => mac.toLowerCase()),
  );
}

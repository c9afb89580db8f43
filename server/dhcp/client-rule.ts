import type { PxeClient } from './pxe-client.ts';

/**
 * Which boot clients a rule is about, as an operator writes it: `52:54:00:12:34:56` one adapter, `52:54:00` all
 * of a maker (the first bytes of the MAC address), `arch:uefi-x86` a client architecture by its name,
 * `class:HTTPClient` what option 60 begins with.
 */
export const CLIENT_RULE = /^(([0-9a-f]{2}:){2,5}[0-9a-f]{2}|arch:[a-z0-9-]+|class:[!-~]{1,64})$/;

/** Clients that are served, and those that are not. */
export interface ClientRules {
  /** Empty: all are. */
  readonly only: readonly string[];
  readonly ignore: readonly string[];
}

/** Why a client is left alone by the lists of the site, as a whole sentence; undefined where it is not. */
export function refusedByRules(
  client: Pick<PxeClient, 'mac' | 'architectures' | 'fullClass'>,
  { only, ignore }: ClientRules,
): string | undefined {
  const ignored = ignore.find((rule) => fits(client, rule));
  if (ignored !== undefined) return `The list of clients to ignore has ${ignored}.`;
  if (only.length === 0 || only.some((rule) => fits(client, rule))) return undefined;
  return 'It is not on the list of clients that are answered.';
}

function fits(
  { mac, architectures, fullClass }: Pick<PxeClient, 'mac' | 'architectures' | 'fullClass'>,
  rule: string,
): boolean {
  if (rule.startsWith('arch:'))
    return architectures.some(({ name }) => name === rule.slice('arch:'.length));
  if (rule.startsWith('class:')) return fullClass.startsWith(rule.slice('class:'.length));
  return mac !== null && (mac === rule || mac.startsWith(`${rule}:`));
}

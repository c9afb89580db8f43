import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Addresses of this machine itself, of its link, and of no single machine: no webhook goes there unasked. */
const refused = new BlockList();
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  refused.addSubnet(address, prefix, 'ipv4');
for (const [address, prefix] of [
  ['::', 128],
  ['::1', 128],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  refused.addSubnet(address, prefix, 'ipv6');

/** An address that is connected to, or why none is. */
export type Target =
  | { readonly kind: 'address'; readonly address: string; readonly family: 4 | 6 }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Finds the address of a host once, so that what was checked is what is connected to, whatever the name
 * leads to a moment later.
 */
export async function findTarget(
  host: string,
  options: { readonly allowLocal: boolean },
): Promise<Target> {
  const name = host.replace(/^\[|\]$/g, '');
  const found = isIP(name) === 0 ? await lookup(name, { all: true }) : [{ address: name }];
  for (const { address } of found) {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const family = isIP(plain) === 6 ? 6 : 4;
    if (options.allowLocal || !refused.check(plain, family === 6 ? 'ipv6' : 'ipv4'))
      return { kind: 'address', address: plain, family };
  }
  return {
    kind: 'refused',
    reason: `${host} is an address of this server or its link; the setting webhooks.allowLocal lets it`,
  };
}

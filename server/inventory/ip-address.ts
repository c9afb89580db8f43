/** An address as a number, so that ranges compare. IPv4-mapped IPv6 (`::ffff:10.0.0.1`) is IPv4. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** Bits of an address of each family. */
export const addressBits = { 4: 32, 6: 128 } as const;
const MAPPED_PREFIX = 0xffffn;

/** Reads an IPv4 or IPv6 address (RFC 4291, section 2.2), a zone (`%eth0`) left out; undefined for anything else. */
export function parseAddress(text: string): IpAddress | undefined {
  const bare = text.trim().replace(/%.*$/, '');
  if (!bare.includes(':')) {
    const value = parseIpv4(bare);
    return value === undefined ? undefined : { family: 4, value };
  }
  const value = parseIpv6(bare);
  if (value === undefined) return undefined;
  return value >> 32n === MAPPED_PREFIX
    ? { family: 4, value: value & 0xffffffffn }
    : { family: 6, value };
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? join(head) : undefined;
  if (tail === undefined || head.length + tail.length > 7) return undefined;
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0n);
  return join([...head, ...zeros, ...tail]);
}

/** 16-bit groups of one side of `::`; the last may be a whole IPv4 address. */
function parseGroups(text: string): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const ipv4 = parseIpv4(part);
      if (ipv4 === undefined) return undefined;
      groups.push(ipv4 >> 16n, ipv4 & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

function join(groups: readonly bigint[]): bigint {
  return groups.reduce((sum, group) => (sum << 16n) + group, 0n);
}

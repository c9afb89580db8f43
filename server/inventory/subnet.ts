/** An IPv4 subnet: network address and mask as unsigned 32-bit numbers. */
export interface Subnet {
  readonly network: number;
  readonly mask: number;
}

/** Reads `a.b.c.d/bits`; undefined for anything else. */
export function parseSubnet(text: string): Subnet | undefined {
  const match = /^([\d.]{7,15})\/(\d{1,2})$/.exec(text.trim());
  const address = parseIpv4(match?.[1] ?? '');
  const bits = Number(match?.[2] ?? Number.NaN);
  if (address === undefined || !(bits >= 0 && bits <= 32)) return undefined;
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  return { network: (address & mask) >>> 0, mask };
}

/** Whether an address is in the subnet; IPv4-mapped IPv6 (`::ffff:10.0.0.1`) counts as IPv4. */
export function isInSubnet(address: string, subnet: Subnet): boolean {
  const number = parseIpv4(address.replace(/^::ffff:/i, ''));
  return number !== undefined && (number & subnet.mask) >>> 0 === subnet.network;
}

function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

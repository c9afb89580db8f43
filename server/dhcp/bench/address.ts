/** An IPv4 address as an unsigned number, so that ranges can be counted through. */
export function addressNumber(text: string): number {
  return text.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

/** The address of a number, dotted. */
export function addressText(number: number): string {
  return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
}

/** A network by one address of it and its mask. */
export interface Network {
  readonly address: string;
  readonly netmask: string;
}

/** First and last address of a network: its own, and the one for broadcasts. */
export function networkEnds({ address, netmask }: Network): { first: number; last: number } {
  const mask = addressNumber(netmask);
  const first = (addressNumber(address) & mask) >>> 0;
  return { first, last: (first | ~mask) >>> 0 };
}

import { InventoryError } from './error.ts';
import { addressBits, type IpAddress, parseAddress } from './ip-address.ts';

/** Addresses from `first` to `last`, both in it. */
export interface Boundary {
  readonly family: IpAddress['family'];
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * Reads a subnet (`10.1.0.0/16`, `2001:db8::/32`), a range (`10.1.0.10-10.1.0.99`) or one address.
 *
 * @throws {InventoryError} `boundary.invalid`
 */
export function parseBoundary(text: string): Boundary {
  const refuse = (why: string): never => {
    throw new InventoryError('boundary.invalid', `"${text}" is no boundary: ${why}`, {
      hint: 'Write a subnet (10.1.0.0/16, 2001:db8::/32), a range (10.1.0.10-10.1.0.99) or one address.',
    });
  };
  const [from = '', to, ...more] = text.split('-');
  if (more.length > 0) refuse('a range has two ends');
  if (to !== undefined) {
    const first = parseAddress(from) ?? refuse(`"${from.trim()}" is no address`);
    const last = parseAddress(to) ?? refuse(`"${to.trim()}" is no address`);
    if (first.family !== last.family) refuse('one end is IPv4, the other IPv6');
    if (last.value < first.value) refuse('its end lies before its beginning');
    return { family: first.family, first: first.value, last: last.value };
  }
  const [base = '', prefix, ...rest] = text.trim().split('/');
  const address = parseAddress(base) ?? refuse(`"${base}" is no address`);
  const all = addressBits[address.family];
  const bits = prefix === undefined ? all : Number(prefix);
  if (rest.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) || bits > all)
    refuse(`a subnet has 0 to ${all} bits`);
  const size = 1n << BigInt(all - bits);
  const first = (address.value / size) * size;
  if (first !== address.value) refuse(`with ${bits} bits the subnet does not begin there`);
  return { family: address.family, first, last: first + size - 1n };
}

/** Whether an address lies in a boundary. */
export function isInBoundary(address: IpAddress, boundary: Boundary): boolean {
  return (
    address.family === boundary.family &&
    address.value >= boundary.first &&
    address.value <= boundary.last
  );
}

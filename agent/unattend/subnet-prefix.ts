import { UnattendError } from './unattend-error.ts';

/**
 * The length of a subnet mask, which is what answer files have: 255.255.255.0 is 24.
 * @throws {UnattendError} `unattend.subnet-mask`
 */
export function subnetPrefix(mask: string, address: string): number {
  const text = mask.trim();
  const bits = address.includes(':') ? 128 : 32;
  const length = /^\d{1,3}$/.test(text) ? Number(text) : lengthOf(text);
  if (length !== undefined && length <= bits) return length;
  throw new UnattendError(
    'unattend.subnet-mask',
    `${JSON.stringify(text.slice(0, 40))} is no subnet mask for ${address.slice(0, 60)}`,
    { hint: 'Write it like 255.255.255.0, or the number of its bits.' },
  );
}

/** Ones, then zeros. */
function lengthOf(mask: string): number | undefined {
  const parts = mask.split('.').map(Number);
  if (parts.length !== 4 || !parts.every((part) => part >= 0 && part <= 255)) return undefined;
  const bits = parts.map((part) => part.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined;
}

/** Sub-options of option 82 (RFC 3046, section 2.0) that say where a machine is plugged in. */
const CIRCUIT_ID = 1;
const REMOTE_ID = 2;
/** The subnet that an address is to be of, where that is not the relay's (RFC 3527, section 3). */
const LINK_SELECTION = 5;

/** The port and the switch that a packet came through, as text; null for what the relay does not say. */
export interface RelayAgentInformation {
  readonly circuitId: string | null;
  readonly remoteId: string | null;
}

/**
 * Reads option 82 for people; a sub-option that is cut off ends it. Nothing in it is refused: the machine
 * behind a relay with odd habits is to boot all the same. What goes back to the relay are its own bytes.
 */
export function readRelayAgentInformation(bytes: Uint8Array): RelayAgentInformation {
  const found = subOptions(bytes);
  const idOf = (code: number) => {
    const value = found.get(code);
    return value === undefined ? null : idText(value);
  };
  return { circuitId: idOf(CIRCUIT_ID), remoteId: idOf(REMOTE_ID) };
}

/** The subnet that a relay asks an address of, by one address of it; undefined where it does not say. */
export function readLinkSelection(bytes: Uint8Array): string | undefined {
  const value = subOptions(bytes).get(LINK_SELECTION);
  return value?.length === 4 ? value.join('.') : undefined;
}

/** The first value of each code that has one. */
function subOptions(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  let at = 0;
  while (at + 2 <= bytes.length) {
    const [code = 0, length = 0] = bytes.subarray(at, at + 2);
    const value = bytes.subarray(at + 2, at + 2 + length);
    if (value.length < length) break;
    if (length > 0 && !found.has(code)) found.set(code, value);
    at += 2 + length;
  }
  return found;
}

/**
 * Text where it is text; Cisco's forms (DHCP snooping: type, length, then VLAN, module and port, or a MAC
 * address) as `vlan10/1/24` and `00:11:22:aa:bb:cc`; else hex.
 */
function idText(value: Uint8Array): string {
  const text = Buffer.from(value).toString('latin1').replace(/\0+$/, '');
  if (/^[\x20-\x7e]+$/.test(text)) return text.trim();
  const bytes = Buffer.from(value);
  if (bytes.length === 6 && bytes.readUInt16BE(0) === 0x0004)
    return `vlan${bytes.readUInt16BE(2)}/${bytes.readUInt8(4)}/${bytes.readUInt8(5)}`;
  if (bytes.length === 8 && bytes.readUInt16BE(0) === 0x0006)
    return bytes.toString('hex', 2).replaceAll(/(..)(?!$)/g, '$1:');
  return bytes.toString('hex');
}

/** One element of DER (X.690): its tag byte and where it lies. Views, not copies. */
export interface DerElement {
  /** The whole first byte: class, constructed, number. */
  readonly tag: number;
  /** All of the element, header too. */
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
}

/** Tags that are met in signatures. */
export const derTag = { integer: 0x02, oid: 0x06, sequence: 0x30, set: 0x31 } as const;

/** The first element of `bytes`; undefined where there is none that is whole. */
export function derElement(bytes: Uint8Array): DerElement | undefined {
  const [tag, first] = bytes;
  // Tags of more than one byte are in no signature.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  // 0x80 is a length that is not told beforehand, which DER does not have.
  if (first === 0x80 || lengthBytes > 4 || bytes.length < 2 + lengthBytes) return undefined;
  let length = first < 0x80 ? first : 0;
  for (const byte of bytes.subarray(2, 2 + lengthBytes)) length = length * 256 + byte;
  const from = 2 + lengthBytes;
  if (bytes.length - from < length) return undefined;
  return {
    tag,
    bytes: bytes.subarray(0, from + length),
    content: bytes.subarray(from, from + length),
  };
}

/** The elements inside of one, as far as they are whole. */
export function derChildren({ content }: DerElement): DerElement[] {
  const children: DerElement[] = [];
  for (let at = 0; at < content.length; ) {
    const child = derElement(content.subarray(at));
    if (child === undefined) break;
    children.push(child);
    at += child.bytes.length;
  }
  return children;
}

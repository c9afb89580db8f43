/** Text as little-endian UTF-16, the text of registry and firmware. Lone surrogates pass: registry names may have them. */
export function utf16Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index++)
    view.setUint16(index * 2, text.charCodeAt(index), true);
  return bytes;
}

/** Reads little-endian UTF-16 without loss; a last odd byte is left out. */
export function utf16Text(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) units.push(view.getUint16(at, true));
  return textOfUnits(units);
}

/** Reads 8-bit text, one unit a byte (ISO 8859-1), as "compressed" names of a hive are. */
export function latin1Text(bytes: Uint8Array): string {
  return textOfUnits(bytes);
}

/** Pieces keep the argument list short: an engine has a limit on it. */
function textOfUnits(units: ArrayLike<number>): string {
  let text = '';
  for (let at = 0; at < units.length; at += 4096)
    text += String.fromCharCode(...Array.prototype.slice.call(units, at, at + 4096));
  return text;
}

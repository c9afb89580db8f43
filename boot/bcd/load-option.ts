import { braced } from './element-value.ts';
import { wellKnown } from './object-kinds.ts';
import { utf16Bytes } from './utf16.ts';

const BYTES = 0x88;
const FILE_PATH_AT = 0x78;

/**
 * Optional data of the firmware's boot entry "Windows Boot Manager", as bcdboot writes it: it names
 * the boot manager's object, so that Windows knows the entry for its own. A layout seen in one public
 * source only; firmware starts an entry without it just as well.
 */
export function windowsLoadOptionData(): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('WINDOWS\0'));
  view.setUint32(0x08, 1, true); // version
  view.setUint32(0x0c, BYTES, true);
  view.setUint32(0x10, FILE_PATH_AT, true);
  bytes.set(utf16Bytes(`BCDOBJECT=${braced(wellKnown.bootmgr)}\0`), 0x14);
  // An empty path: version, length, type, end of device path (UEFI 10.3.1).
  view.setUint32(FILE_PATH_AT, 1, true);
  view.setUint32(FILE_PATH_AT + 4, 0x10, true);
  view.setUint32(FILE_PATH_AT + 8, 4, true);
  bytes.set([0x7f, 0xff, 0x04, 0x00], FILE_PATH_AT + 12);
  return bytes;
}

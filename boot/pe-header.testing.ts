import { peSubsystem } from './pe-header.ts';

/** A program of one empty section, for tests: headers that are in order, and nothing that could run. */
export function smallProgram(
  options: {
    readonly magic?: 0x10b | 0x20b;
    readonly machine?: number;
    readonly subsystem?: number;
    /** Bytes of a signature behind the section, and where its directory says it begins. */
    readonly signature?: { readonly size: number; readonly at?: number };
  } = {},
): Uint8Array {
  const { magic = 0x20b, machine = 0x8664, subsystem = peSubsystem.console, signature } = options;
  const bytes = new Uint8Array(0x400 + (signature?.size ?? 0));
  const view = new DataView(bytes.buffer);
  const pe = 0x80;
  const directories = magic === 0x20b ? 112 : 96;
  const optional = pe + 24;
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, pe, true);
  view.setUint32(pe, 0x4550, true);
  view.setUint16(pe + 4, machine, true);
  view.setUint16(pe + 6, 1, true);
  view.setUint16(pe + 20, directories + 16 * 8, true);
  view.setUint16(optional, magic, true);
  view.setUint32(optional + 64, 0x1234, true);
  view.setUint16(optional + 68, subsystem, true);
  view.setUint32(optional + directories - 4, 16, true);
  const section = optional + directories + 16 * 8;
  view.setUint32(section + 12, 0x1000, true);
  view.setUint32(section + 16, 0x200, true);
  view.setUint32(section + 20, 0x200, true);
  if (signature !== undefined) {
    view.setUint32(optional + directories + 4 * 8, signature.at ?? 0x400, true);
    view.setUint32(optional + directories + 4 * 8 + 4, signature.size, true);
    bytes.fill(0xaa, 0x400);
  }
  return bytes;
}

import { peSubsystem } from './pe-header.ts';

/**
 * A program of one section, for tests: headers that are in order, and nothing that could run. The section
 * is its resources where it has a `text`, which lies at the end of them.
 */
export function smallProgram(
  options: {
    readonly magic?: 0x10b | 0x20b;
    readonly machine?: number;
    readonly subsystem?: number;
    readonly text?: string;
    /** Bytes of a signature behind the section, and where its directory says it begins. */
    readonly signature?: { readonly size: number; readonly at?: number };
  } = {},
): Uint8Array {
  const { magic = 0x20b, machine = 0x8664, subsystem = peSubsystem.console } = options;
  const { signature, text } = options;
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
  // Alignment in memory and in the file, size in memory and of the headers.
  for (const [at, value] of [
    [32, 0x1000],
    [36, 0x200],
    [56, 0x2000],
    [60, 0x200],
  ] as const)
    view.setUint32(optional + at, value, true);
  view.setUint32(optional + 64, 0x1234, true);
  view.setUint16(optional + 68, subsystem, true);
  view.setUint32(optional + directories - 4, 16, true);
  const section = optional + directories + 16 * 8;
  bytes.set(Buffer.from('.rsrc'), section);
  view.setUint32(section + 8, 0x200, true);
  view.setUint32(section + 12, 0x1000, true);
  view.setUint32(section + 16, 0x200, true);
  view.setUint32(section + 20, 0x200, true);
  if (text !== undefined) {
    view.setUint32(optional + directories + 2 * 8, 0x1000, true);
    view.setUint32(optional + directories + 2 * 8 + 4, 0x100, true);
    bytes.set(Buffer.from(text), 0x400 - text.length);
  }
  if (signature !== undefined) {
    view.setUint32(optional + directories + 4 * 8, signature.at ?? 0x400, true);
    view.setUint32(optional + directories + 4 * 8 + 4, signature.size, true);
    bytes.fill(0xaa, 0x400);
  }
  return bytes;
}

/** A WIM with header and metadata of one image, for readers of these; what `blobs` are is in it, and no file. */
export function madeWimBytes(imageXml: string, blobs: Uint8Array): Buffer {
  const xml = Buffer.from(`\ufeff<WIM><IMAGE INDEX="1">${imageXml}</IMAGE></WIM>`, 'utf16le');
  const header = Buffer.alloc(208);
  header.write('MSWIM', 'latin1');
  header.writeUInt32LE(208, 0x08);
  header.writeUInt32LE(0x10d00, 0x0c);
  header.writeUInt16LE(1, 0x28);
  header.writeUInt16LE(1, 0x2a);
  header.writeUInt32LE(1, 0x2c);
  for (const [at, size, offset] of [
    [0x30, blobs.length, 208],
    [0x48, xml.length, 208 + blobs.length],
  ] as const) {
    header.writeUInt32LE(size, at);
    header.writeBigUInt64LE(BigInt(offset), at + 8);
    header.writeBigUInt64LE(BigInt(size), at + 16);
  }
  return Buffer.concat([header, blobs, xml]);
}

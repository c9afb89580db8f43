/** A WIM with header and metadata of one Linux image, whose files are noise of that size: for readers of these. */
export function wimBytes(name: string, noiseBytes: number): Buffer {
  const image = `<NAME>${name}</NAME><DIRCOUNT>1</DIRCOUNT><FILECOUNT>2</FILECOUNT><TOTALBYTES>${noiseBytes}</TOTALBYTES><METALWRIGHT><KIND>linux</KIND><ARCHITECTURE>x64</ARCHITECTURE></METALWRIGHT>`;
  const xml = Buffer.from(`\ufeff<WIM><IMAGE INDEX="1">${image}</IMAGE></WIM>`, 'utf16le');
  const noise = Buffer.alloc(noiseBytes);
  for (let at = 0; at < noiseBytes; at += 4) noise.writeUInt32LE((at * 2654435761) % 2 ** 32, at);
  const header = Buffer.alloc(208);
  header.write('MSWIM', 'latin1');
  header.writeUInt32LE(208, 0x08);
  header.writeUInt32LE(0x10d00, 0x0c);
  header.writeUInt16LE(1, 0x28);
  header.writeUInt16LE(1, 0x2a);
  header.writeUInt32LE(1, 0x2c);
  for (const [at, size, offset] of [
    [0x30, noiseBytes, 208],
    [0x48, xml.length, 208 + noiseBytes],
  ] as const) {
    header.writeUInt32LE(size, at);
    header.writeBigUInt64LE(BigInt(offset), at + 8);
    header.writeBigUInt64LE(BigInt(size), at + 16);
  }
  return Buffer.concat([header, noise, xml]);
}

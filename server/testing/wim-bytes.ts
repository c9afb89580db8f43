import { madeWimBytes } from '#media/wim/made-wim.testing.ts';

/** A WIM with header and metadata of one Linux image, whose files are noise of that size: for readers of these. */
export function wimBytes(name: string, noiseBytes: number): Buffer {
  const image = `<NAME>${name}</NAME><DIRCOUNT>1</DIRCOUNT><FILECOUNT>2</FILECOUNT><TOTALBYTES>${noiseBytes}</TOTALBYTES><METALWRIGHT><KIND>linux</KIND><ARCHITECTURE>x64</ARCHITECTURE></METALWRIGHT>`;
  const noise = Buffer.alloc(noiseBytes);
  for (let at = 0; at < noiseBytes; at += 4) noise.writeUInt32LE((at * 2654435761) % 2 ** 32, at);
  return madeWimBytes(image, noise);
}

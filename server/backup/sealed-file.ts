/**
 * A file sealed by a passphrase. First the text `METALWRIGHT SEALED BACKUP 1`, a line of JSON with the
 * parameters of argon2id (RFC 9106), then blocks of 1 MiB and a tag of 16 bytes each, AES-256-GCM. The nonce
 * of a block is 7 random bytes, its number (4 bytes, big-endian) and 1 for the last one, else 0: blocks can
 * be neither left out, nor changed in order, nor cut off at the end without notice.
 */
import { argon2, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { BackupError } from './backup-error.ts';

/** What such a file begins with. */
export const SEALED_MAGIC = 'METALWRIGHT SEALED BACKUP 1\n';
const BLOCK_BYTES = 1024 * 1024;
const TAG_BYTES = 16;
const HEADER_LIMIT = 1000;

const Header = z.strictObject({
  algorithm: z.literal('argon2id'),
  memoryKib: z.int().min(8192).max(1_048_576),
  passes: z.int().min(1).max(20),
  salt: z.base64().min(20),
  nonce: z.base64().length(12),
});
type Header = z.infer<typeof Header>;

/** RFC 9106, section 4, the second recommended choice; a quarter of a second on a small machine. */
const COST = { memoryKib: 64 * 1024, passes: 3 } as const;

/** Seals a stream of bytes. @param cost of argon2id; tests take less */
export async function* sealBytes(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
  cost: Pick<Header, 'memoryKib' | 'passes'> = COST,
): AsyncGenerator<Uint8Array> {
  const header: Header = {
    algorithm: 'argon2id',
    ...cost,
    salt: randomBytes(16).toString('base64'),
    nonce: randomBytes(7).toString('base64'),
  };
  const key = await deriveKey(passphrase, header);
  yield Buffer.from(`${SEALED_MAGIC}${JSON.stringify(header)}\n`);
  let number = 0;
  for await (const { block, last } of blocksOf(source, BLOCK_BYTES)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(header, number, last));
    yield Buffer.concat([cipher.update(block), cipher.final(), cipher.getAuthTag()]);
    number += 1;
  }
}

/**
 * The bytes again.
 *
 * @param source from the beginning of the file
 * @throws {BackupError} `backup.passphrase`, `backup.damaged`
 */
export async function* unsealBytes(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Uint8Array> {
  const { header, rest } = await readHeader(source);
  const key = await deriveKey(passphrase, header);
  let number = 0;
  for await (const { block, last } of blocksOf(rest, BLOCK_BYTES + TAG_BYTES)) {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(header, number, last));
    const at = Math.max(0, block.length - TAG_BYTES);
    try {
      decipher.setAuthTag(block.subarray(at));
      yield Buffer.concat([decipher.update(block.subarray(0, at)), decipher.final()]);
    } catch (error) {
      if (number > 0)
        throw new BackupError('backup.damaged', `The backup is damaged in block ${number}`, {
          hint: 'take another copy of it, or an older backup',
          cause: error,
        });
      throw new BackupError('backup.passphrase', 'The passphrase is not the one of this backup', {
        hint: 'name the file with the right one by --passphrase-file; a damaged first block looks the same',
        cause: error,
      });
    }
    number += 1;
  }
}

async function deriveKey(passphrase: string, { memoryKib, passes, salt }: Header): Promise<Buffer> {
  return promisify(argon2)('argon2id', {
    message: passphrase.normalize('NFC'),
    nonce: Buffer.from(salt, 'base64'),
    memory: memoryKib,
    passes,
    parallelism: 1,
    tagLength: 32,
  });
}

function nonceOf({ nonce }: Header, number: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  Buffer.from(nonce, 'base64').copy(bytes, 0, 0, 7);
  bytes.writeUInt32BE(number, 7);
  bytes[11] = last ? 1 : 0;
  return bytes;
}

/** Cuts a stream into blocks of a size; the last one may be shorter, and there is always a last one. */
async function* blocksOf(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ block: Buffer; last: boolean }> {
  let held = Buffer.alloc(0);
  for await (const part of source) {
    held = held.length === 0 ? Buffer.from(part) : Buffer.concat([held, part]);
    while (held.length > size) {
      yield { block: held.subarray(0, size), last: false };
      held = held.subarray(size);
    }
  }
  yield { block: held, last: true };
}

async function readHeader(
  source: AsyncIterable<Uint8Array>,
): Promise<{ header: Header; rest: AsyncIterable<Uint8Array> }> {
  const parts = source[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  const start = SEALED_MAGIC.length;
  while (held.indexOf('\n', start) === -1 && held.length < HEADER_LIMIT) {
    const next = await parts.next();
    if (next.done === true) break;
    held = Buffer.concat([held, next.value]);
  }
  const end = held.indexOf('\n', start);
  const parsed = Header.safeParse(end === -1 ? null : jsonOf(held.subarray(start, end)));
  if (!parsed.success)
    throw new BackupError('backup.damaged', 'The beginning of the sealed backup is damaged', {
      hint: 'take another copy of it, or an older backup',
    });
  return {
    header: parsed.data,
    rest: (async function* () {
      yield held.subarray(end + 1);
      yield* { [Symbol.asyncIterator]: () => parts };
    })(),
  };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

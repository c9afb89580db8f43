/**
 * The bytes of a journal. All integers are little-endian.
 *
 *     0x0000  header copy A   4,096 bytes
 *     0x1000  header copy B   4,096 bytes, the same
 *     0x2000  records, each starting on a multiple of 512
 *
 * Header: magic `MWJRNL\r\n` (8), format version u32, length of the JSON u32, JSON, CRC-32 u32 of all
 * before. Record (its JSON is an array of events): length of the JSON u32, seq of its first event u32, CRC-32 u32 of run id + length + seq + JSON, JSON.
 *
 * A record starts on a sector of its own, so that writing one never rewrites the bytes of an earlier
 * one on a drive that tears a write at a sector. The run id in the CRC keeps what an older journal left
 * in the same clusters from being taken for records. The file is preallocated and zeroed: in-place
 * writes change no allocation, which FAT could not do safely.
 *
 * A record holds one event, or several that were recorded with nothing done between them: they are
 * written and synced together, and are all there or none.
 */
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { RunId } from '../protocol/identity.ts';
import { RunEvent } from '../protocol/run-event.ts';
import { JournalError } from './journal-error.ts';

const MAGIC = Buffer.from('MWJRNL\r\n', 'latin1');
const VERSION = 2;
const HEADER_BYTES = 4096;
const HEADER_PREFIX = 16;
const RECORD_PREFIX = 12;
/** Offset of the first record. */
export const RECORDS_AT = 2 * HEADER_BYTES;
/** Records start on multiples of this: the smallest sector. */
const RECORD_ALIGN = 512;

/** Whose journal it is. */
export const JournalHeader = z.strictObject({
  runId: RunId,
  machineKey: z.string(),
  resumeToken: z.string(),
  /** SHA-256 of the site CA: another site's journal says nothing here. */
  siteFingerprint: z.string(),
  /** The grant's, for a server that has lost the run; absent from journals of before it. */
  recovery: z.string().max(2000).optional(),
});
export type JournalHeader = z.infer<typeof JournalHeader>;

/** A journal as read: everything up to the first byte that is not a whole record. */
export interface ParsedJournal {
  readonly header: JournalHeader;
  readonly events: readonly RunEvent[];
  /** Where the next record goes. */
  readonly nextOffset: number;
}

/** Both copies of the header, to be written and synced one after the other. @throws {JournalError} `journal.full` */
export function formatHeader(header: JournalHeader): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  if (HEADER_PREFIX + json.length + 4 > HEADER_BYTES)
    throw new JournalError('journal.full', `header of ${json.length} bytes does not fit`);
  const block = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(block);
  block.writeUInt32LE(VERSION, 8);
  block.writeUInt32LE(json.length, 12);
  json.copy(block, HEADER_PREFIX);
  const end = HEADER_PREFIX + json.length;
  block.writeUInt32LE(crc32(block.subarray(0, end)), end);
  return block;
}

/** One record of events that follow each other, padded with zeros to the next multiple of 512. */
export function formatRecord(events: readonly [RunEvent, ...RunEvent[]]): Uint8Array {
  const [first] = events;
  const json = Buffer.from(JSON.stringify(events));
  const bytes = RECORD_PREFIX + json.length;
  const block = Buffer.alloc(Math.ceil(bytes / RECORD_ALIGN) * RECORD_ALIGN);
  block.writeUInt32LE(json.length, 0);
  block.writeUInt32LE(first.seq, 4);
  block.writeUInt32LE(recordSum(first.runId, block.subarray(0, 8), json), 8);
  json.copy(block, RECORD_PREFIX);
  return block;
}

function recordSum(runId: RunId, prefix: Uint8Array, json: Uint8Array): number {
  return crc32(json, crc32(prefix, crc32(runId)));
}

/**
 * Reads a journal. A torn last record is dropped; undefined where none was ever finished being made
 * (no magic at all). @throws {JournalError} `journal.damaged`, `journal.version`
 */
export function parseJournal(bytes: Uint8Array): ParsedJournal | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(file);
  if (!header) return undefined;
  const events: RunEvent[] = [];
  let offset = RECORDS_AT;
  for (;;) {
    const found = readRecord(file, offset, header.runId);
    if (!found || found.seq !== events.length + 1) break;
    events.push(...found.events);
    offset = found.end;
  }
  for (let at = offset; at + RECORD_PREFIX <= file.length; at += RECORD_ALIGN) {
    const later = readRecord(file, at, header.runId);
    if (later)
      throw new JournalError(
        'journal.damaged',
        `record ${events.length + 1} at offset ${offset} does not check, yet record ${later.seq} at ${at} does`,
        {
          hint: 'The disk or its file system lost written data. Check the disk; the run on the server tells what was done.',
        },
      );
  }
  return { header, events, nextOffset: offset };
}

function readHeader(file: Buffer): JournalHeader | undefined {
  const copies = [file.subarray(0, HEADER_BYTES), file.subarray(HEADER_BYTES, RECORDS_AT)];
  for (const copy of copies) {
    const header = readHeaderCopy(copy);
    if (header) return header;
  }
  // Made, but neither copy checks; zeros alone mean that making it was cut off before its header.
  if (copies.every((copy) => copy.every((byte) => byte === 0))) return undefined;
  throw new JournalError('journal.damaged', 'neither copy of the journal header checks', {
    hint: 'The system partition lost written data. Check the disk.',
  });
}

function readHeaderCopy(copy: Buffer): JournalHeader | undefined {
  if (copy.length < HEADER_PREFIX || !copy.subarray(0, 8).equals(MAGIC)) return undefined;
  const end = HEADER_PREFIX + copy.readUInt32LE(12);
  if (end + 4 > copy.length) return undefined;
  if (crc32(copy.subarray(0, end)) !== copy.readUInt32LE(end)) return undefined;
  const version = copy.readUInt32LE(8);
  if (version !== VERSION)
    throw new JournalError(
      'journal.version',
      `journal format ${version}, this agent knows ${VERSION}`,
    );
  return JournalHeader.parse(JSON.parse(copy.toString('utf8', HEADER_PREFIX, end)));
}

function readRecord(
  file: Buffer,
  offset: number,
  runId: RunId,
): { seq: number; events: readonly RunEvent[]; end: number } | undefined {
  if (offset + RECORD_PREFIX > file.length) return undefined;
  const length = file.readUInt32LE(offset);
  const start = offset + RECORD_PREFIX;
  if (length === 0 || start + length > file.length) return undefined;
  const json = file.subarray(start, start + length);
  if (recordSum(runId, file.subarray(offset, offset + 8), json) !== file.readUInt32LE(offset + 8))
    return undefined;
  const events = z.array(RunEvent).safeParse(JSON.parse(json.toString('utf8')));
  const seq = file.readUInt32LE(offset + 4);
  if (!events.success || events.data.some((event, index) => event.seq !== seq + index))
    return undefined;
  const end = Math.ceil((start + length) / RECORD_ALIGN) * RECORD_ALIGN;
  return { seq, events: events.data, end };
}

/**
 * Secret packages on this machine: what comes is checked by the manifest first, as it lies on the distribution point,
 * and then opened; what was written is known again by sealing it.
 */
import { createHash } from 'node:crypto';
import { CHUNK_BYTES, type ContentObject } from '../protocol/content.ts';
import { objectSeal, plainSizeOf, SEALED_PLAIN_BYTES } from '../protocol/sealed-object.ts';
import type { VerifiedObject } from '../sequence/platform.ts';
import { StepError } from '../sequence/step.ts';

/** A part of a file as it is written: a chunk of its manifest. */
export interface FilePart {
  readonly offset: number;
  readonly length: number;
  /** Whether these bytes are those of the manifest. */
  isRight(bytes: Uint8Array): boolean;
}

/** A file and its parts as they lie on this machine. */
export interface FileLayout {
  readonly sizeBytes: number;
  readonly parts: readonly FilePart[];
}

/** @param key of a secret package: the files are written in the clear */
export function fileLayout(object: ContentObject, key?: Uint8Array): FileLayout {
  const sizeBytes = key === undefined ? object.sizeBytes : plainSizeOf(object.sizeBytes);
  const step = key === undefined ? CHUNK_BYTES : SEALED_PLAIN_BYTES;
  const seal = key === undefined ? undefined : objectSeal(key, object.path);
  const last = object.chunks.length - 1;
  const parts = object.chunks.map((sha256, index): FilePart => {
    const offset = index * step;
    return {
      offset,
      length: Math.min(step, sizeBytes - offset),
      isRight(bytes) {
        const kept = seal === undefined ? bytes : seal.seal(index, index === last, bytes);
        return createHash('sha256').update(kept).digest('hex') === sha256;
      },
    };
  });
  return { sizeBytes, parts };
}

/** A sealed object for reading in the clear. @throws {StepError} `content.sealed` when it is read */
export function openSealed(
  object: ContentObject,
  source: VerifiedObject,
  key: Uint8Array,
): VerifiedObject {
  const seal = objectSeal(key, object.path);
  const sizeBytes = plainSizeOf(object.sizeBytes);
  const last = object.chunks.length - 1;
  let latest: { readonly index: number; readonly plain: Promise<Uint8Array> } | undefined;

  const open = async (index: number, signal: AbortSignal): Promise<Uint8Array> => {
    const sealed = await source.read(index * CHUNK_BYTES, CHUNK_BYTES, signal);
    try {
      return seal.open(index, index === last, sealed);
    } catch (cause) {
      throw new StepError(
        'content.sealed',
        `Chunk ${index} of ${object.path} is as the manifest says, and the key of the package does not open it`,
        {
          cause,
          hint: 'It was added with another key, or changed before: add the package again (metalwright package add --secret).',
        },
      );
    }
  };
  const chunk = async (index: number, signal: AbortSignal): Promise<Uint8Array> => {
    if (latest?.index === index) return latest.plain;
    const made = { index, plain: open(index, signal) };
    latest = made;
    // What could not be had is asked for anew by the next reader.
    made.plain.catch(() => {
      if (latest === made) latest = undefined;
    });
    return made.plain;
  };
  return {
    path: object.path,
    sizeBytes,
    async read(offset, length, signal) {
      const end = Math.min(offset + length, sizeBytes);
      const bytes = new Uint8Array(Math.max(0, end - offset));
      // An empty file has its tag alone, which says that it is one.
      if (sizeBytes === 0) await chunk(0, signal);
      for (let at = offset; at < end; ) {
        const index = Math.floor(at / SEALED_PLAIN_BYTES);
        const plain = await chunk(index, signal);
        const within = at - index * SEALED_PLAIN_BYTES;
        const part = plain.subarray(within, Math.min(plain.length, within + end - at));
        if (part.length === 0)
          throw new StepError('content.damaged', `${object.path} ends in chunk ${index}`);
        bytes.set(part, at - offset);
        at += part.length;
      }
      return bytes;
    },
  };
}

import { open } from 'node:fs/promises';
import { z } from 'zod';
import { ContentManifest } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import { Application } from '#agent/sequence/application.ts';
import { PackageProgram } from '#agent/sequence/package-program.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import { steps } from '#agent/steps/index.ts';
import { readSequenceText } from '../sequence-text.ts';
import { isZip, openZip } from '../zip/read-zip.ts';
import {
  type ArchiveEntries,
  decode,
  indexEntries,
  notUnderstood,
  parseJson,
} from './archive-entries.ts';
import { ArchiveError } from './archive-error.ts';
import { assertHash } from './hash-check.ts';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  type ArchivedSequence,
  ArchiveManifest,
  MANIFEST_NAME,
  MAX_MANIFEST_BYTES,
  MAX_PACKAGE_BYTES,
  MAX_TEXT_BYTES,
  objectName,
} from './manifest.ts';

/** Content may be of any size: it is read piece by piece, and no further than its manifest says. */
const limits = {
  entries: 1_000_000,
  entryBytes: Number.MAX_SAFE_INTEGER,
  totalBytes: Number.MAX_SAFE_INTEGER,
  ratio: Number.POSITIVE_INFINITY,
};

/** A task sequence of an archive that was read and checked. */
export interface ReadDocument extends ArchivedSequence {
  readonly text: string;
  readonly document: unknown;
}

/** An open archive: all but the content is read and checked. */
export interface Archive {
  readonly manifest: ArchiveManifest;
  readonly sequences: readonly ReadDocument[];
  /** What is known of each package; none in an archive of sequences only. */
  readonly packages: ReadonlyMap<PackageId, ContentManifest>;
  /** The bytes of an object as they are in the archive, unchecked. */
  content(sha256: string): AsyncIterable<Uint8Array>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Whether a file is an archive of this program's, of whichever version and whole or not: a ZIP file with a
 * `manifest.json` and no XML, which exports of other systems have. Anything else is none, and no error.
 */
export async function isOwnArchive(file: string): Promise<boolean> {
  try {
    if (!isZip(await firstBytes(file))) return false;
    await using zip = await openZip(file, file, limits);
    const names = zip.entries.map(({ name }) => name);
    return names.includes(MANIFEST_NAME) && !names.some((name) => /\.xml$/i.test(name));
  } catch {
    return false;
  }
}

/**
 * Opens an archive and checks all of it but the content, whose entries it only looks for.
 *
 * @throws {ArchiveError} `archive.manifest`, `archive.newer`, `archive.entry`, `archive.hash`;
 *   {ImportError} `import.zip-*`; the code of a document that cannot be read, with its entry
 */
export async function openArchive(file: string): Promise<Archive> {
  const zip = await openZip(file, file, limits);
  try {
    const entries = indexEntries(zip, file);
    const value = parseJson(
      await entries.read(MANIFEST_NAME, MAX_MANIFEST_BYTES),
      entries.at(MANIFEST_NAME),
    );
    const manifest = parseManifest(value, file);
    const sequences: ReadDocument[] = [];
    for (const each of manifest.sequences) sequences.push(await readDocument(entries, each));
    const packages = new Map<PackageId, ContentManifest>();
    for (const { id, kind, manifest: entry } of manifest.objects) {
      if (entry === undefined) continue;
      const what = entries.at(entry.file);
      const bytes = await entries.read(entry.file, MAX_PACKAGE_BYTES);
      assertHash(bytes, { ...entry, what });
      const known = ContentManifest.safeParse(parseJson(bytes, what));
      if (!known.success || known.data.packageId !== id || known.data.kind !== kind)
        throw notUnderstood(what, known.error);
      checkSoftware(known.data, what);
      packages.set(id, known.data);
    }
    if (manifest.with === 'content') checkContent(entries, packages);
    return {
      manifest,
      sequences,
      packages,
      content: (sha256) => entries.stream(`objects/${sha256}`),
      [Symbol.asyncDispose]: () => zip[Symbol.asyncDispose](),
    };
  } catch (error) {
    await zip[Symbol.asyncDispose]();
    throw error;
  }
}

function parseManifest(value: unknown, file: string): ArchiveManifest {
  const at = `${file}: ${MANIFEST_NAME}`;
  const head = z
    .looseObject({ format: z.literal(ARCHIVE_FORMAT), formatVersion: z.int().positive() })
    .safeParse(value);
  if (!head.success) throw notUnderstood(at, head.error);
  if (head.data.formatVersion > ARCHIVE_VERSION)
    throw new ArchiveError(
      'archive.newer',
      `${at}: is of format ${head.data.formatVersion}, this version reads up to ${ARCHIVE_VERSION}`,
      { hint: 'Import it with the version of Metalwright that made it, or a newer one.' },
    );
  const parsed = ArchiveManifest.safeParse(value);
  if (!parsed.success) throw notUnderstood(at, parsed.error);
  refuseTwice(parsed.data, at);
  return parsed.data;
}

function refuseTwice({ sequences, objects }: ArchiveManifest, at: string): void {
  const seen = new Set<string>();
  const keys = [
    ...sequences.flatMap(({ id, name }) => [id, `sequence ${name.trim().toLowerCase()}`]),
    ...objects.flatMap(({ id, kind, name }) => [id, `${kind} ${name.trim().toLowerCase()}`]),
  ];
  for (const key of keys) {
    if (seen.has(key))
      throw new ArchiveError('archive.manifest', `${at}: ${JSON.stringify(key)} is in it twice`);
    seen.add(key);
  }
}

async function readDocument(
  entries: ArchiveEntries,
  entry: ArchivedSequence,
): Promise<ReadDocument> {
  const what = entries.at(entry.file);
  const bytes = await entries.read(entry.file, MAX_TEXT_BYTES);
  assertHash(bytes, { ...entry, what });
  const text = decode(bytes, what);
  try {
    const { document, sequence } = readSequenceText(text, steps);
    if (sequence.name === entry.name) return { ...entry, text, document };
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    throw new ArchiveError(error.code, `${what}: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
  throw new ArchiveError(
    'archive.manifest',
    `${what}: is not called ${JSON.stringify(entry.name)}`,
  );
}

/** Applications and programs that this version does not know are not taken in half. */
function checkSoftware({ kind, application, programs = [] }: ContentManifest, what: string): void {
  const read = kind === 'application' ? Application.safeParse(application) : undefined;
  const bad =
    read?.error ??
    programs.map((each) => PackageProgram.safeParse(each)).find(({ error }) => error)?.error;
  if (bad !== undefined) throw notUnderstood(what, bad);
}

function checkContent(
  entries: ArchiveEntries,
  packages: ReadonlyMap<PackageId, ContentManifest>,
): void {
  for (const { objects } of packages.values())
    for (const { sha256, sizeBytes } of objects) {
      const name = objectName(sha256);
      const found = entries.sizeOf(name);
      if (found !== sizeBytes)
        throw new ArchiveError(
          'archive.hash',
          `${entries.at(name)} has ${found} bytes, and is to have ${sizeBytes}`,
          { hint: 'Make or fetch the archive again.' },
        );
    }
}

async function firstBytes(file: string): Promise<Uint8Array> {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(new Uint8Array(4), 0, 4, 0);
  return buffer.subarray(0, bytesRead);
}

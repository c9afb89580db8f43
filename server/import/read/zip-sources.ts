import { MAX_XML_PARTS } from '#media/xml/scan-xml.ts';
import { openZip, type ZipArchive, type ZipEntry } from '#server/zip/read-zip.ts';
import { ImportError } from '../import-error.ts';
import type { ImportNeed } from '../map-step.ts';
import type { SourceSequence } from '../source-sequence.ts';
import { addControlNames, addSequenceNames } from './control-names.ts';
import { decodeText } from './decode-text.ts';
import { addContentFolders, addReferenceNames, objectOf } from './export-objects.ts';
import { addNamesInSteps } from './names-in-steps.ts';
import type { ReadSources, SourceObject } from './read-sources.ts';
import { mdtIdOf, readSequences } from './sequence-container.ts';
import { parseXml, type XmlBudget, type XmlElement } from './xml.ts';

/** Elements and attributes of all the texts of one archive together. */
const MAX_TOTAL_PARTS = 3 * MAX_XML_PARTS;

/** What the entries of an archive are, by their names; each name with `/`, in lower case. */
const SEQUENCE = /(?:^|\/)sms_tasksequencepackage\/[^/]+\/object\.xml$|(?:^|\/)ts\.xml$/;
const OBJECT = /(?:^|\/)sms_[a-z]+\/[^/]+\/object\.xml$/;
const REFERENCES = /\/(?:app)?referencesinfo\.xml$/;
const MANIFEST = /^manifest\.xml$/;
const CONTENT_ID = /\/package_content\.xml$/;
const CONTROL =
  /(?:^|\/)control\/(?:tasksequences|applications|operatingsystems|packages|drivers)\.xml$/;

/**
 * Reads a ZIP file: a console export of Configuration Manager, or one with `ts.xml` files of MDT. Where it
 * has neither, every XML file in it that is a task sequence.
 * @throws {ImportError} `import.zip-*`; what a sequence in it cannot be read for, if none can
 */
export async function readZipSources(file: {
  readonly name: string;
  readonly bytes: Uint8Array;
}): Promise<ReadSources> {
  await using zip = await openZip(file.bytes, file.name);
  const archive = { zip, fileName: file.name, budget: { left: MAX_TOTAL_PARTS } };
  const names = new Map<string, string>();
  const needs: ImportNeed[] = [];
  /** What is only said of others may be broken: the sequences are read all the same. */
  const read = async (entry: ZipEntry, use: (root: XmlElement, from: string) => void) => {
    try {
      use(await readEntry(archive, entry), `${file.name}: ${entry.name}`);
    } catch (error) {
      if (!isOfOneEntry(error)) throw error;
      needs.push({ kind: 'reference', message: `Names of objects are missing: ${error.message}` });
    }
  };
  const readAll = async (pattern: RegExp, use: Parameters<typeof read>[1]): Promise<void> => {
    for (const entry of entriesLike(zip, pattern)) await read(entry, use);
  };

  const byId = new Map<string, string>();
  await readAll(CONTROL, (root) => {
    addControlNames(names, root);
    addSequenceNames(byId, root);
  });
  await readAll(REFERENCES, (root, from) =>
    addReferenceNames(names, root, { from, budget: archive.budget }),
  );
  const { sequences, needs: found } = await readListed(archive, byId);
  needs.push(...found);

  const folders = new Map<string, string>();
  const contentIds = new Map<string, string>();
  await readAll(MANIFEST, (root) => addContentFolders(folders, root));
  if (folders.size > 0)
    for (const entry of entriesLike(zip, CONTENT_ID))
      await read(entry, ({ text }) => contentIds.set(folderOf(entry), text.trim().toLowerCase()));
  const objects: SourceObject[] = [];
  for (const entry of entriesLike(zip, OBJECT))
    if (!SEQUENCE.test(entry.name.toLowerCase()))
      await read(entry, (root) => {
        const object = objectOf(root, folders.get(contentIds.get(folderOf(entry)) ?? ''));
        if (object === undefined) return;
        objects.push(object);
        names.set(object.id.toLowerCase(), object.name);
      });
  addNamesInSteps(names, sequences);
  return { sequences, names, objects, needs };
}

interface Archive {
  readonly zip: ZipArchive;
  readonly fileName: string;
  readonly budget: XmlBudget;
}

function entriesLike(zip: ZipArchive, pattern: RegExp): readonly ZipEntry[] {
  return zip.entries.filter(({ name }) => pattern.test(name.toLowerCase()));
}

function folderOf({ name }: ZipEntry): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

async function readEntry({ zip, fileName, budget }: Archive, entry: ZipEntry): Promise<XmlElement> {
  const from = `${fileName}: ${entry.name}`;
  return parseXml(decodeText(await zip.read(entry), from), from, budget);
}

/** @param names names of sequences of MDT by their id, lower case */
async function readListed(archive: Archive, names: ReadonlyMap<string, string>) {
  const { zip, fileName, budget } = archive;
  const listed = entriesLike(zip, SEQUENCE);
  const sequences: SourceSequence[] = [];
  const needs: ImportNeed[] = [];
  let failure: unknown;
  for (const entry of listed.length > 0 ? listed : entriesLike(zip, /\.xml$/)) {
    const id = mdtIdOf(entry.name);
    const name = id === undefined ? undefined : names.get(id.toLowerCase());
    const place = { from: `${fileName}: ${entry.name}`, fileName: entry.name, id, name, budget };
    try {
      const read = readSequences(await readEntry(archive, entry), place);
      sequences.push(...read.sequences);
      needs.push(...read.needs);
    } catch (error) {
      if (!isOfOneEntry(error)) throw error;
      // Any XML file was tried where none is listed: most are something else.
      if (listed.length === 0) continue;
      failure ??= error;
      needs.push({ kind: 'setting', message: `A sequence was not read: ${error.message}` });
    }
  }
  if (sequences.length > 0) return { sequences, needs };
  if (failure !== undefined) throw failure;
  throw new ImportError('import.no-sequence', `${fileName}: has no task sequence in it`, {
    hint: 'A console export has SMS_TaskSequencePackage/…/object.xml, MDT Control/…/ts.xml.',
  });
}

/** Whether only that entry is broken, and the archive as such can be read on. */
function isOfOneEntry(error: unknown): error is ImportError {
  return (
    error instanceof ImportError && !/\.zip-/.test(error.code) && error.code !== 'import.xml-size'
  );
}

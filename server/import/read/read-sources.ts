import { MAX_XML_PARTS } from '#media/xml/scan-xml.ts';
import { isZip } from '#server/zip/read-zip.ts';
import { ImportError } from '../import-error.ts';
import type { ImportNeed } from '../map-step.ts';
import type { ShareContext } from '../mdt/share-context.ts';
import type { SourceSequence } from '../source-sequence.ts';
import { decodeText } from './decode-text.ts';
import { addNamesInSteps } from './names-in-steps.ts';
import { mdtIdOf, readSequences } from './sequence-container.ts';
import { parseXml } from './xml.ts';
import { readZipSources } from './zip-sources.ts';

/** What one file brings: its sequences, and what it says of the objects that they refer to. */
export interface ReadSources {
  readonly sequences: readonly SourceSequence[];
  /** Names of objects of the other site by their id, lower case. */
  readonly names: ReadonlyMap<string, string>;
  /** Objects that the export has with it. */
  readonly objects: readonly SourceObject[];
  readonly needs: readonly ImportNeed[];
  /** The deployment share that it is from, where that is read as a whole. */
  readonly share?: ShareContext;
}

/** A package, image or application of an export with dependencies. */
export interface SourceObject {
  readonly id: string;
  /** The class, as written: `SMS_Package`, `SMS_BootImagePackage`. */
  readonly kind: string;
  readonly name: string;
  /** The folder with its content, below `<name of the export>_files`. */
  readonly contentFolder?: string;
}

/** Bytes of a file that is one XML text. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/**
 * Reads the task sequences of a file of Configuration Manager or MDT: `ts.xml`, a bare `<sequence>`,
 * `object.xml`, a console export, a ZIP with a Control folder, an export of Configuration Manager 2007.
 * @throws {ImportError} `import.*`: nothing of the file can be read
 */
export async function readSources(file: {
  readonly name: string;
  readonly bytes: Uint8Array;
}): Promise<ReadSources> {
  const { name, bytes } = file;
  if (isZip(bytes)) return readZipSources({ name, bytes });
  if (bytes.length > MAX_FILE_BYTES)
    throw new ImportError(
      'import.too-large',
      `${name}: has ${bytes.length} bytes, at most ${MAX_FILE_BYTES} are read`,
    );
  // A sequence lies in an object as text: the whole and what is in it.
  const budget = { left: 2 * MAX_XML_PARTS };
  const root = parseXml(decodeText(bytes, name), name, budget);
  const { sequences, needs } = readSequences(root, {
    from: name,
    fileName: name,
    id: mdtIdOf(name),
    budget,
  });
  const names = new Map<string, string>();
  addNamesInSteps(names, sequences);
  return { sequences, names, objects: [], needs };
}

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { readWimHeader, type WimHeader, type WimSource } from './header.ts';
import { WimError } from './wim-error.ts';

/** What one image of a WIM says of itself. */
export interface WimImage {
  readonly index: number;
  readonly name: string;
  readonly architecture: 'x64' | 'arm64' | 'x86' | null;
  /** Bytes of its files when applied, hard links counted once. */
  readonly totalBytes: number;
  /** How many it has of both; null where it does not say. */
  readonly entries: { readonly files: number; readonly folders: number } | null;
  readonly kind: 'windows' | 'linux' | 'data';
  /** Of an image with an element WINDOWS. */
  readonly windows: WimWindows | null;
}

/** The element WINDOWS of an image; what it does not say is empty. */
interface WimWindows {
  /** `Professional`, `WindowsPE`. */
  readonly edition: string;
  /** `Client`, `Server`, `Server Core`, `WindowsPE`. */
  readonly installationType: string;
  /** `WinNT`, `ServerNT`. */
  readonly productType: string;
  /** `10.0.22621.2283`: version, build and update. */
  readonly version: string;
  /** The default one first. */
  readonly languages: string[];
}

/** Metadata of a few dozen images is some 100 KB; this much is read and no more. */
const MAX_XML_BYTES = 8 * 1024 * 1024;

/**
 * Reads header and metadata of a WIM, nothing else of it.
 * @throws {WimError} `wim.*`
 */
export async function readWim(
  source: WimSource,
): Promise<{ readonly header: WimHeader; readonly images: readonly WimImage[] }> {
  const header = await readWimHeader(source);
  const { xml } = header;
  if (xml.compressed || xml.sizeBytes > MAX_XML_BYTES)
    throw xmlError(
      xml.compressed
        ? 'is said to be compressed, which it never is'
        : `has ${xml.sizeBytes} bytes, more than ${MAX_XML_BYTES}`,
    );
  const bytes = await source.read(xml.offset, xml.sizeBytes);
  return { header, images: parseWimMetadata(bytes, header.imageCount) };
}

/**
 * Reads the XML data of a WIM: UTF-16LE with a byte order mark, one `IMAGE` element an image.
 *
 * Windows images name their architecture in `WINDOWS/ARCH`. For others it is looked for in
 * `METALWRIGHT/ARCHITECTURE` (x64, arm64, x86) and the kind in `METALWRIGHT/KIND` (linux), which
 * `wimlib-imagex capture --image-property` and `wimlib-imagex info --image-property` set.
 * @throws {WimError} `wim.xml`
 */
export function parseWimMetadata(bytes: Uint8Array, imageCount: number): readonly WimImage[] {
  const root = parseXml(decodeUtf16(bytes));
  const wim = root['WIM'];
  if (!isElement(wim)) throw xmlError('has no element WIM');
  const list = wim['IMAGE'] ?? [];
  const images = (Array.isArray(list) ? list : [list]).map(readImage);
  images.sort((one, other) => one.index - other.index);
  if (images.length !== imageCount || images.some(({ index }, at) => index !== at + 1))
    throw xmlError(
      `has images ${images.map(({ index }) => index).join(', ') || 'none'}; the header counts ${imageCount}`,
    );
  return images;
}

type Element = { readonly [name: string]: unknown };

function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decodeUtf16(bytes: Uint8Array): string {
  if (bytes[0] !== 0xff || bytes[1] !== 0xfe)
    throw xmlError('does not begin with the byte order mark of UTF-16LE (ff fe)');
  try {
    return new TextDecoder('utf-16le', { fatal: true }).decode(bytes).replace(/\0+$/, '');
  } catch (cause) {
    throw xmlError('is no UTF-16LE text', cause);
  }
}

function parseXml(text: string): Element {
  // No WIM writer makes one, and entities are how a small text becomes a large one.
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw xmlError('has a document type declaration');
  const valid = XMLValidator.validate(text);
  if (valid !== true)
    throw xmlError(`is not well-formed: ${valid.err.msg} (line ${valid.err.line})`);
  try {
    const parsed: unknown = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '@',
      parseTagValue: false,
      parseAttributeValue: false,
      // Numeric character references too.
      htmlEntities: true,
    }).parse(text);
    if (isElement(parsed)) return parsed;
  } catch (cause) {
    throw xmlError('cannot be read', cause);
  }
  throw xmlError('is empty');
}

function readImage(value: unknown): WimImage {
  if (!isElement(value)) throw xmlError('has an empty element IMAGE');
  const indexText = value['@INDEX'];
  const index = wholeNumber(indexText);
  if (index === undefined || index < 1)
    throw xmlError(`has an image with the index ${JSON.stringify(indexText)}`);
  const total = wholeNumber(value['TOTALBYTES']) ?? 0;
  const linked = wholeNumber(value['HARDLINKBYTES']) ?? 0;
  const files = wholeNumber(value['FILECOUNT']);
  const folders = wholeNumber(value['DIRCOUNT']);
  const own = isElement(value['METALWRIGHT']) ? value['METALWRIGHT'] : {};
  const windows = isElement(value['WINDOWS']) ? value['WINDOWS'] : undefined;
  const isLinux = text(own['KIND']).toLowerCase() === 'linux';
  return {
    index,
    name: text(value['DISPLAYNAME']) || text(value['NAME']),
    architecture: ownArchitecture(own['ARCHITECTURE']) ?? windowsArchitecture(windows?.['ARCH']),
    totalBytes: Math.max(0, total - linked),
    entries: files === undefined || folders === undefined ? null : { files, folders },
    kind: isLinux ? 'linux' : windows === undefined ? 'data' : 'windows',
    windows: windows === undefined ? null : readWindows(windows),
  };
}

function readWindows(windows: Element): WimWindows {
  const version = isElement(windows['VERSION']) ? windows['VERSION'] : {};
  const numbers = ['MAJOR', 'MINOR', 'BUILD', 'SPBUILD'].map((name) => text(version[name]));
  const said = numbers.findIndex((number) => number === '');
  const { LANGUAGES: list } = windows;
  const languages = isElement(list) ? list : {};
  const all = [languages['LANGUAGE'] ?? []].flat().map(text);
  return {
    edition: text(windows['EDITIONID']),
    installationType: text(windows['INSTALLATIONTYPE']),
    productType: text(windows['PRODUCTTYPE']),
    version: numbers.slice(0, said === -1 ? numbers.length : said).join('.'),
    languages: [...new Set([text(languages['DEFAULT']), ...all].filter(Boolean))],
  };
}

/** PROCESSOR_ARCHITECTURE of winnt.h. Itanium (6) and 32-bit ARM (5) are for no machine of today. */
function windowsArchitecture(value: unknown): WimImage['architecture'] {
  switch (text(value)) {
    case '0':
      return 'x86';
    case '9':
      return 'x64';
    case '12':
      return 'arm64';
    default:
      return null;
  }
}

function ownArchitecture(value: unknown): WimImage['architecture'] {
  const name = text(value).toLowerCase();
  return name === 'x64' || name === 'arm64' || name === 'x86' ? name : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function wholeNumber(value: unknown): number | undefined {
  const digits = text(value);
  const number = /^\d{1,16}$/.test(digits) ? Number(digits) : undefined;
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

function xmlError(seen: string, cause?: unknown): WimError {
  return new WimError('wim.xml', `The metadata (XML) of the WIM ${seen}`, {
    hint: 'The WIM is damaged: copy it again and compare its hash with the original.',
    ...(cause === undefined ? {} : { cause }),
  });
}

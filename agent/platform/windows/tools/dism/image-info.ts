import { StepError } from '../../../../sequence/step-error.ts';
import { type LabelledLine, labelledBlocks } from '../labelled-lines.ts';
import { excerpt, toolLines } from '../tool-lines.ts';

/** One image of `dism /Get-ImageInfo` or `/Get-WimInfo`; null for what the list has not, or dism calls undefined. */
export interface DismImage {
  readonly index: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly sizeBytes: number | null;
  /** Only where one image was asked for with its index, from here on. */
  readonly architecture: string | null;
  /** `10.0.26100`, with the service pack's build behind it where the list has one: `10.0.26100.7920`. */
  readonly version: string | null;
  readonly edition: string | null;
  /** `Client`, `Server`, `WindowsPE`. */
  readonly installation: string | null;
  /** Of the operating system: `en-US`. */
  readonly languages: readonly string[];
}

const VERSION = /^\d+\.\d+\.\d{3,}(?:\.\d+)?$/;
const ARCHITECTURE = /^(?:x86|x64|amd64|arm|arm64|ia64|neutral)$/i;
const LANGUAGE = /^([a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){1,3})(?: \(.*\))?$/;
const MAX_IMAGES = 1000;

/**
 * Reads a list of images in any language: an image begins with a number alone, its index, and name,
 * description and size follow in this order. Architecture, version and languages are known by their form, the
 * edition by its place behind the version. @throws {StepError} `dism.output`, `tool.output-size`
 */
export function parseImageInfo(output: string): DismImage[] {
  const blocks = labelledBlocks(toolLines(output, 'dism'));
  const images = blocks.flatMap(({ lines }) => {
    // Without an empty line before it, as of a heading, the image begins further down.
    const start = lines.findIndex(({ value }) => /^[1-9]\d{0,3}$/.test(value));
    const own = start === -1 ? [] : lines.slice(start);
    return own.length < 3 ? [] : [readImage(own)];
  });
  if (images.length === 0 || images.length > MAX_IMAGES)
    throw new StepError(
      'dism.output',
      `Cannot read what dism printed: ${images.length} images in "${excerpt(output.trim().slice(-200))}"`,
    );
  return images;
}

function readImage(lines: readonly LabelledLine[]): DismImage {
  const [index, name, description, size] = lines;
  const versionAt = lines.findIndex(({ value }, at) => at > 3 && VERSION.test(value));
  const behindVersion = (places: number): string | null =>
    versionAt === -1 ? null : defined(lines[versionAt + places]);
  const version = lines[versionAt]?.value ?? null;
  const build = behindVersion(1);
  const architecture = lines.find(({ value }, at) => at > 3 && ARCHITECTURE.test(value));
  const last = lines.at(-1);
  return {
    index: Number(index?.value),
    name: defined(name),
    // A description of several lines is one text.
    description: joined(description),
    sizeBytes: bytesOf(size?.value ?? ''),
    architecture: architecture?.value.toLowerCase() ?? null,
    version:
      version !== null && build !== null && /^\d+$/.test(build) ? `${version}.${build}` : version,
    edition: behindVersion(3),
    installation: behindVersion(4),
    languages: lines.length < 5 ? [] : [last?.value ?? '', ...(last?.more ?? [])].flatMap(language),
  };
}

/** dism writes `<undefined>`, in angle brackets in every language. */
function defined(line: LabelledLine | undefined): string | null {
  const value = line?.value ?? '';
  return value === '' || /^<[^<>]*>$/.test(value) ? null : value;
}

function joined(line: LabelledLine | undefined): string | null {
  const first = defined(line);
  return first === null ? null : [first, ...(line?.more ?? [])].join(' ');
}

/** `16,509,169,302 bytes`, `15.846.970.562 Bytes`, `16 509 169 302 octets`: always bytes, in groups of three. */
function bytesOf(value: string): number | null {
  const digits = /^\d[\d.,'’\s\u00a0\u202f]*/.exec(value)?.[0].replaceAll(/\D/g, '') ?? '';
  return digits === '' || digits.length > 15 ? null : Number(digits);
}

function language(text: string): string[] {
  const found = LANGUAGE.exec(text.trim())?.[1];
  return found === undefined ? [] : [found];
}

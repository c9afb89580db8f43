/** A size as a tool prints it, rounded to its unit. */
export interface PrintedSize {
  readonly bytes: number;
  /** One of the last printed digit, in bytes: the true size is less than this away. */
  readonly precisionBytes: number;
}

const SIZE = /^(\d{1,3}(?:[.,'\u00a0\u202f]\d{3})+|\d+)(?:[.,](\d{1,2}))?\s?(\p{L}[\p{L} ]*)$/u;
/** The first letters of kilo to exa, in Latin and Cyrillic. */
const PREFIXES = ['kKкК', 'mMмМ', 'gGгГ', 'tTтТ', 'pPпП', 'eEэЭ'];
/** A unit that has a prefix: `K`, `KB`, `Ko`, `Kt`, `G octets`, `Gbytes`, `Мбайт`, `ГБ`. */
const PREFIXED =
  /^([kmgtpeкмгтпэ])(?: ?(?:b|o|t|б|bytes?|octets?|бай\p{L}*|baj\p{L}*|báj\p{L}*))?$/iu;

/**
 * Reads `128 GB`, `1024 KB`, `32 G octets`, `465 Gбайт`, `126,25 GB`, `24,354,379,074 bytes`: units are
 * words of a language, so what counts is their first letter where another unit of bytes follows it, and
 * anything else is bytes when the number is 0 or has no prefix to be. Undefined for what is no size.
 */
export function parsePrintedSize(text: string): PrintedSize | undefined {
  const [, whole, fraction = '', unit = ''] = SIZE.exec(text.trim()) ?? [];
  if (whole === undefined) return undefined;
  const unitBytes = bytesOfUnit(unit.trim());
  if (unitBytes === undefined) return undefined;
  const number = Number(`${whole.replaceAll(/\D/g, '')}.${fraction || '0'}`);
  if (!Number.isFinite(number * unitBytes)) return undefined;
  return {
    bytes: Math.round(number * unitBytes),
    precisionBytes: unitBytes / 10 ** fraction.length,
  };
}

/** Whether a cell has the form of a size, whatever its unit is called. */
export function looksLikeSize(text: string): boolean {
  return SIZE.test(text.trim());
}

function bytesOfUnit(unit: string): number | undefined {
  // Finnish counts in `t` (tavu), and writes it small; a terabyte alone is a large T.
  if (unit === 't') return 1;
  const [, prefix] = PREFIXED.exec(unit) ?? [];
  // A word that is no prefixed unit is the language's word for bytes, unless it begins like `GiB`.
  if (prefix === undefined) return /^[KMGTPE]/.test(unit) ? prefixBytes(unit.charAt(0)) : 1;
  return prefixBytes(prefix);
}

function prefixBytes(prefix: string): number | undefined {
  const power = PREFIXES.findIndex((letters) => letters.includes(prefix));
  return power === -1 ? undefined : 1024 ** (power + 1);
}

import { StepError } from '../../../sequence/step-error.ts';
import { type LabelledBlock, type LabelledLine, labelledBlocks } from './labelled-lines.ts';
import { looksLikeSize, type PrintedSize, parsePrintedSize } from './printed-size.ts';
import { excerpt, toolLines } from './tool-lines.ts';

/** What `manage-bde -status` says of one volume. Words are in the language of the installation. */
export interface BitLockerStatus {
  /** `C`; null where the heading is missing. */
  readonly letter: string | null;
  /** Null of a locked volume. */
  readonly size: PrintedSize | null;
  /** 0 decrypted, 100 encrypted, between them under way; null of a locked volume. */
  readonly percentEncrypted: number | null;
  /** `AES` or `XTS-AES` with its bits, as `xts-aes 128`; null where nothing is encrypted. */
  readonly method: string | null;
  readonly conversion: string;
  /** To be shown: whether protection is on is told by the exit code of `-protectionaserrorlevel`. */
  readonly protection: string;
  readonly lock: string;
  /** Names of the key protectors: `TPM` is so in all languages, others are words. Empty where the list is. */
  readonly keyProtectors: readonly string[];
}

const LETTER = /(?:^|[^A-Za-z])([A-Z]):(?!\\)/;
const PERCENT = /^% ?(\d{1,3})(?:[.,](\d{1,2}))?$|^(\d{1,3})(?:[.,](\d{1,2}))?\s?%$/;
const METHOD = /(?:XTS-)?AES[- ]?(?:128|256)/i;

/**
 * Reads `manage-bde -status` in any language: the percentage and the method by their form, the others by
 * their place before and behind these: conversion, percentage, method, protection, lock, identification,
 * then the protectors. @throws {StepError} `manage-bde.output`, `tool.output-size`
 */
export function parseBitLockerStatus(output: string): BitLockerStatus[] {
  const volumes: BitLockerStatus[] = [];
  let letter: string | null = null;
  for (const block of labelledBlocks(toolLines(output, 'manage-bde'))) {
    letter = letterOf(block) ?? letter;
    const percentAt = block.lines.findIndex(({ value }) => value.includes('%'));
    if (percentAt < 1) continue;
    volumes.push(readVolume(block.lines, percentAt, letter));
    letter = null;
  }
  if (volumes.length === 0)
    throw new StepError(
      'manage-bde.output',
      `Cannot read what manage-bde printed: no percentage in "${excerpt(output.trim().slice(-200))}"`,
    );
  return volumes;
}

/** Whether a volume is protected, by the exit code of `manage-bde -status X: -protectionaserrorlevel`. */
export function isProtected(exitCode: number): boolean {
  return exitCode === 0;
}

function readVolume(
  lines: readonly LabelledLine[],
  percentAt: number,
  letter: string | null,
): BitLockerStatus {
  const at = (places: number) => lines[percentAt + places]?.value ?? '';
  const size = lines.slice(0, percentAt).find(({ value }) => looksLikeSize(value));
  // Between identification and protectors, data volumes have a line on unlocking; protectors are last.
  const last = lines.length - 1 > percentAt + 3 ? lines.at(-1) : undefined;
  return {
    letter,
    size: (size && parsePrintedSize(size.value)) ?? null,
    percentEncrypted: percentOf(at(0)),
    method: METHOD.exec(at(1))?.[0].toLowerCase() ?? null,
    conversion: at(-1),
    protection: at(2),
    lock: at(3),
    keyProtectors: protectorsOf(last),
  };
}

/** Protectors stand in lines of their own below their label; beside it stands only that there are none. */
function protectorsOf(line: LabelledLine | undefined): string[] {
  return line?.below ? [line.value, ...line.more] : [];
}

/** The last `X:` of a heading, which may stand under another one without an empty line. */
function letterOf({ titles, lines }: LabelledBlock): string | null {
  const headings = [...titles, ...lines.map(({ label, value }) => `${label}: ${value}`)];
  return headings.flatMap((text) => LETTER.exec(text)?.[1] ?? []).at(-1) ?? null;
}

function percentOf(value: string): number | null {
  const match = PERCENT.exec(value);
  const percent = Number(`${match?.[1] ?? match?.[3] ?? 'x'}.${match?.[2] ?? match?.[4] ?? '0'}`);
  return percent <= 100 ? percent : null;
}

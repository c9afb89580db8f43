import { toolLines } from '../tool-lines.ts';

/** What dism says of its failure. */
export interface DismProblem {
  /** The number behind the colon: `87`, or an HRESULT like 0x800f081e. */
  readonly code: number;
  /** The lines below it, in the language of the installation. */
  readonly message: string;
}
/** One driver of `/Add-Driver /Recurse`. */
export interface DismDriver {
  readonly inf: string;
  /** What stands behind its name, in the language of the installation. */
  readonly message: string;
  /** The number in it, when it could not be added. */
  readonly code: number | null;
}

const CODE_LINE = /^[^:：]{1,40}[:：]\s*(0x[0-9a-f]{1,8}|\d{1,10})$/i;
const DRIVER_LINE =
  /^\D{0,60}\d{1,5}\D{1,20}\d{1,5}[^:]{0,60}? ?[-–] (.{1,2000}?\.inf)\s*[:：]\s*(.*)$/i;
const MAX_DRIVERS = 10_000;

/**
 * Finds `Error: 87` and `Fehler: 0x800f081e` in what dism printed: a line of words, a colon and a number,
 * alone between empty lines, which no list of dism has. Null where there is none: dism's exit code counts.
 * @throws {StepError} `tool.output-size`
 */
export function parseDismProblem(output: string): DismProblem | null {
  const lines = toolLines(output, 'dism').map((line) => line.trim());
  for (const [at, line] of lines.entries()) {
    const code = CODE_LINE.exec(line)?.[1];
    const alone = (lines[at - 1] ?? '') === '' && (lines[at + 1] ?? '') === '';
    if (code === undefined || !alone) continue;
    const below = lines.slice(at + 1, at + 12);
    const first = below.findIndex((each) => each !== '');
    const end = below.findIndex((each, index) => index > first && each === '');
    const message = first === -1 ? '' : below.slice(first, end === -1 ? undefined : end).join(' ');
    return { code: Number(code), message };
  }
  return null;
}

/**
 * The drivers that `dism /Add-Driver` names one by one: `Installing 3 of 5 - C:\x\y.inf: …`, in any language.
 * @throws {StepError} `tool.output-size`
 */
export function parseAddedDrivers(output: string): DismDriver[] {
  return toolLines(output, 'dism')
    .flatMap((line) => {
      const [, inf, message = ''] = DRIVER_LINE.exec(line.trim()) ?? [];
      if (inf === undefined) return [];
      const code = /0x[0-9a-f]{8}/i.exec(message)?.[0];
      return [{ inf, message, code: code === undefined ? null : Number(code) }];
    })
    .slice(0, MAX_DRIVERS);
}

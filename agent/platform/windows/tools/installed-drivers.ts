import { StepError } from '../../../sequence/step-error.ts';
import { type LabelledLine, labelledBlocks } from './labelled-lines.ts';
import { excerpt, toolLines } from './tool-lines.ts';
import { yesOrNo } from './yes-no.ts';

/** A package of the driver store, as pnputil or dism lists it. */
export interface InstalledDriver {
  /** `oem12.inf`. */
  readonly publishedName: string;
  /** Its name before it came into the store; null in old lists. */
  readonly originalName: string | null;
  readonly provider: string;
  /** Of the devices; a name of the language, except in dism. */
  readonly className: string;
  readonly classGuid: string | null;
  readonly version: string | null;
  /** As printed, in the order of the language. */
  readonly date: string | null;
  readonly signer: string | null;
  readonly inbox: boolean | null;
}

const INF = /^[^\\/:*?"<>|]{1,200}\.inf$/i;
const GUID = /^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i;
const DATED = /^(\d[\d./\- ]{2,16}\d[./]?) +(\d+(?:\.\d+){1,3})$/;
const VERSION = /^\d+(?:\.\d+){3}$/;

/**
 * Reads `pnputil /enum-drivers` and the older `-e`, in any language: names, GUID and version are known by their
 * form, the others by their order. None of an empty store. @throws {StepError} `pnputil.output`, `tool.output-size`
 */
export function parsePnputilDrivers(output: string): InstalledDriver[] {
  return driverBlocks(output, 'pnputil').map(({ names, lines }) => {
    const dated = lines.map(({ value }) => DATED.exec(value)).find((match) => match !== null);
    const guid = lines.find(({ value }) => GUID.test(value));
    // Old lists have provider, class, version, signer; new ones name, provider, class, GUID, version, signer.
    const words = lines.filter(({ value }) => !GUID.test(value) && !DATED.test(value));
    const [provider, className, signer] = words.map(({ value }) => value);
    const [publishedName = '', originalName = null] = names;
    return {
      publishedName,
      originalName,
      provider: provider ?? '',
      className: className ?? '',
      classGuid: guid?.value.toLowerCase() ?? null,
      version: dated?.[2] ?? null,
      date: dated?.[1]?.trim() ?? null,
      signer: signer ?? null,
      inbox: null,
    };
  });
}

/** Reads `dism /Get-Drivers` in any language: name, original name, inbox, class, provider, date, version. @throws {StepError} `dism.output`, `tool.output-size` */
export function parseDismDrivers(output: string): InstalledDriver[] {
  return driverBlocks(output, 'dism').map(({ names, lines }) => {
    const [inbox, className, provider, date] = lines.map(({ value }) => value);
    const [publishedName = '', originalName = null] = names;
    return {
      publishedName,
      originalName,
      provider: provider ?? '',
      className: className ?? '',
      classGuid: null,
      version: lines.map(({ value }) => value).find((value) => VERSION.test(value)) ?? null,
      date: date ?? null,
      signer: null,
      inbox: yesOrNo(inbox ?? ''),
    };
  });
}

/**
 * What `pnputil /add-driver` published: the `oem…inf` names of its answer, each once.
 * @throws {StepError} `tool.output-size`
 */
export function parsePublishedNames(output: string): string[] {
  const names = labelledBlocks(toolLines(output, 'pnputil'))
    .flatMap(({ lines }) => lines)
    .map(({ value }) => value.toLowerCase())
    .filter((value) => /^oem\d+\.inf$/.test(value));
  return [...new Set(names)];
}

/** Blocks that begin with the name of an INF file; names before the first line that is none. */
function driverBlocks(
  output: string,
  tool: 'pnputil' | 'dism',
): { names: string[]; lines: LabelledLine[] }[] {
  const drivers = labelledBlocks(toolLines(output, tool)).flatMap(({ lines }) => {
    const names = lines
      .slice(0, 2)
      .map(({ value }) => value)
      .filter((value) => INF.test(value));
    return INF.test(lines[0]?.value ?? '') ? [{ names, lines: lines.slice(names.length) }] : [];
  });
  const cut = drivers.find(({ lines }, index) => lines.length < 2 && index < drivers.length - 1);
  if (cut)
    throw new StepError(
      tool === 'dism' ? 'dism.output' : 'pnputil.output',
      `Cannot read what ${tool} printed: nothing is said of "${excerpt(cut.names.join(' '))}"`,
    );
  return drivers;
}

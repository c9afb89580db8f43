import { StepError } from '../../../sequence/step-error.ts';
import { excerpt, toolLines } from './tool-lines.ts';

/** One object as `bcdedit /enum` prints it. */
export interface PrintedBcdObject {
  /** What the object is, in the language of the installation: `Windows Boot Loader`. */
  readonly title: string;
  /** `{bootmgr}`, `{current}` or a GUID in braces, lower case. */
  readonly identifier: string;
  /**
   * Values by element, `device`, `path`, `displayorder`, each in its lines. Names are not translated but for
   * the identifier's, which is not among them; values `Yes` and `No` are.
   */
  readonly elements: ReadonlyMap<string, readonly string[]>;
}

const DASHES = /^-{3,}$/;
const ELEMENT = /^(\S+)\s+(\S.*)$/;
const IDENTIFIER = /(\{[^{}]{1,64}\})$/;
const MAX_OBJECTS = 4096;

/**
 * Reads `bcdedit /enum` in any language: an object is a title, a line of dashes at the margin, and elements
 * until an empty line; further values of an element are indented. The first line is the identifier.
 * @throws {StepError} `bcdedit.output`, `tool.output-size`
 */
export function parseBcdedit(output: string): PrintedBcdObject[] {
  const lines = toolLines(output, 'bcdedit');
  const objects: PrintedBcdObject[] = [];
  for (const [at, dashes] of lines.entries()) {
    if (!DASHES.test(dashes)) continue;
    const [first = '', ...rest] = until(lines, at + 1);
    const identifier = IDENTIFIER.exec(first)?.[1]?.toLowerCase();
    if (identifier === undefined || objects.length === MAX_OBJECTS)
      throw new StepError(
        'bcdedit.output',
        `Cannot read what bcdedit printed: "${excerpt(first)}" is no identifier of an object`,
      );
    objects.push({ title: lines[at - 1]?.trim() ?? '', identifier, elements: elementsOf(rest) });
  }
  return objects;
}

/** The identifier of an entry that `/create` or `/copy` made, in braces; null where its answer has none. */
export function parseCreatedEntry(output: string): string | null {
  return (
    /\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}/i
      .exec(output.slice(0, 10_000))?.[0]
      .toLowerCase() ?? null
  );
}

function until(lines: readonly string[], from: number): string[] {
  const end = lines.indexOf('', from);
  return lines.slice(from, end === -1 ? undefined : end);
}

function elementsOf(lines: readonly string[]): Map<string, string[]> {
  const elements = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of lines) {
    const [, name = '', value = ''] = ELEMENT.exec(line) ?? [];
    if (name === '') {
      if (/^\s/.test(line)) last?.push(line.trim());
      continue;
    }
    last = [value.trim()];
    elements.set(name.toLowerCase(), last);
  }
  return elements;
}

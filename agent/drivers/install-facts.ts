import type { InfSections } from './inf-sections.ts';
import type { DriverTarget } from './target-os.ts';

/** What installing a device by an INF file brings. */
interface InstallFacts {
  readonly services: readonly DriverService[];
  /** Hardware ids of devices that it must not be taken for. Upper case. */
  readonly excludeIds: readonly string[];
  /** 0 to 255, less is better; Windows takes 255 where the file says nothing. */
  readonly featureScore: number;
  /** Ids of software components that it makes, upper case: `SWC\VID8086&SW_RSTHSA`. */
  readonly components: readonly string[];
  /** Sections of other INF files that it builds on: `Include` and `Needs`. */
  readonly needs: readonly string[];
}
interface DriverService {
  readonly name: string;
  /** 0 boot, 1 system, 2 automatic, 3 on demand, 4 never; null where the file does not say. */
  readonly startType: number | null;
}

const SUFFIXES = { x64: 'ntamd64', arm64: 'ntarm64', x86: 'ntx86' } as const;
const MAX_NAMED = 1000;

/** Reads an install section with the decoration that Windows would take of it. */
export function installFacts(
  sections: InfSections,
  name: string,
  architecture: DriverTarget['architecture'],
): InstallFacts {
  const section = decorated(sections, name, architecture);
  const own = sections.lines(section);
  const valuesOf = (lines: typeof own, key: string): string[] =>
    lines
      .filter((line) => line.key?.toLowerCase() === key)
      .flatMap(({ values }) => values.filter((value) => value !== ''))
      .slice(0, MAX_NAMED);
  const score = numberOf(valuesOf(own, 'featurescore')[0]);
  const services = sections.lines(`${section}.services`);
  return {
    services: directives(services, 'addservice').map(([service = '', , install = '']) => ({
      name: service,
      startType: numberOf(valuesOf(sections.lines(install), 'starttype')[0]),
    })),
    excludeIds: valuesOf(own, 'excludeid').map((id) => id.toUpperCase()),
    featureScore: score !== null && score <= 255 ? score : 255,
    components: directives(sections.lines(`${section}.components`), 'addcomponent').flatMap(
      ([, , install = '']) =>
        valuesOf(sections.lines(install), 'componentids').map((id) => `SWC\\${id.toUpperCase()}`),
    ),
    needs: [...valuesOf(own, 'needs'), ...valuesOf(services, 'needs')],
  };
}

/** `Name.ntamd64` before `Name.nt` before `Name`; the services' section is decorated likewise. */
function decorated(
  sections: InfSections,
  name: string,
  architecture: DriverTarget['architecture'],
): string {
  const choices = [`${name}.${SUFFIXES[architecture]}`, `${name}.nt`];
  const found = choices.find((each) => sections.has(each) || sections.has(`${each}.services`));
  return found ?? name;
}

function directives(lines: ReturnType<InfSections['lines']>, key: string): (readonly string[])[] {
  return lines
    .filter((line) => line.key?.toLowerCase() === key && (line.values[0] ?? '') !== '')
    .map(({ values }) => values)
    .slice(0, MAX_NAMED);
}

/** `0`, `0x3`; null for what is no number. */
function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^(?:0x[0-9a-f]{1,8}|\d{1,9})$/i.test(text) ? Number(text) : null;
}

import { isSystemName } from '#agent/sequence/system-names.ts';
import { VARIABLE_MARK, type Variables } from '#agent/sequence/variables.ts';
import { formsOfSecret } from './secrets-of.ts';
import type { ProcessorArchitecture, Unattend, UnattendElement } from './unattend.ts';

/** Elements that Windows takes numbers for alone: a mark in them is left, as Configuration Manager does. */
const numericNames: ReadonlySet<string> = new Set(
  (
    'Order DiskID PartitionID Size LogonCount ColorDepth HorizontalResolution VerticalResolution ' +
    'RefreshRate DPI ProtectYourPC Metric LayeredDriver NetbiosOptions DisableSR TapiConfigured'
  ).split(' '),
);

/** A mark that was not simply replaced. */
interface MarkNote {
  /**
   * - `unknown`: no variable of that name has a value; nothing was put in.
   * - `numeric`: it stands in an element for a number and was left.
   * - `system`: a name of Windows, left for Windows to put in where it does, in command lines. Configuration
   *   Manager would put in that of Windows PE, which is of no use.
   */
  readonly kind: 'unknown' | 'numeric' | 'system';
  readonly place: string;
  readonly name: string;
}

/** An answer file with its variables in it. */
export interface UnattendWithVariables {
  readonly unattend: Unattend;
  readonly notes: readonly MarkNote[];
  /** Values of secret variables that are in it now, plain and as they stand in XML. */
  readonly secrets: readonly string[];
  /** Where they are. */
  readonly secretPlaces: readonly string[];
}

/** Names of the marks that `putVariablesIn` puts variables in for. */
export function marksIn(
  { settings }: Unattend,
  architecture: ProcessorArchitecture,
): ReadonlySet<string> {
  const names = new Set<string>();
  const look = ({ name, text, children }: UnattendElement): void => {
    if (!numericNames.has(name))
      for (const [, mark] of text.matchAll(VARIABLE_MARK)) if (mark !== undefined) names.add(mark);
    children.forEach(look);
  };
  for (const { components } of settings)
    for (const { processorArchitecture, elements } of components)
      if (processorArchitecture.toLowerCase() === architecture) elements.forEach(look);
  return names;
}

/**
 * Puts variables in for the marks `%Name%` in the texts of an answer file, each once; what is put in is not
 * looked through again. Settings of other architectures are left as they are: nothing secret goes where
 * nobody reads it.
 */
export function putVariablesIn(
  unattend: Unattend,
  variables: Variables,
  architecture: ProcessorArchitecture,
): UnattendWithVariables {
  const notes: MarkNote[] = [];
  const secrets = new Set<string>();
  const secretPlaces = new Set<string>();

  const valueOf = (mark: string, name: string, place: string): string => {
    const variable = variables.get(name);
    if (variable === undefined) {
      const kind = isSystemName(name) ? 'system' : 'unknown';
      notes.push({ kind, place, name });
      return kind === 'system' ? mark : '';
    }
    if (variable.secret) {
      secretPlaces.add(place);
      for (const form of formsOfSecret(variable.value)) secrets.add(form);
    }
    return variable.value;
  };
  const put = (element: UnattendElement, path: string): UnattendElement => {
    const place = `${path}/${element.name}`;
    const children = element.children.map((child) => put(child, place));
    const isNumeric = numericNames.has(element.name);
    const text = element.text.replaceAll(VARIABLE_MARK, (mark, name: string) => {
      if (!isNumeric) return valueOf(mark, name, place);
      notes.push({ kind: 'numeric', place, name });
      return mark;
    });
    return { ...element, children, text };
  };

  const settings = unattend.settings.map((each) => ({
    ...each,
    components: each.components.map((component) =>
      component.processorArchitecture.toLowerCase() === architecture
        ? {
            ...component,
            elements: component.elements.map((element) =>
              put(element, `${each.pass}/${component.name}`),
            ),
          }
        : component,
    ),
  }));
  return {
    unattend: { ...unattend, settings },
    notes,
    secrets: [...secrets],
    secretPlaces: [...secretPlaces],
  };
}

import { type LayOptions, layElements } from './lay-elements.ts';
import {
  type Pass,
  type Unattend,
  type UnattendComponent,
  type UnattendSettings,
  WCM_NAMESPACE,
} from './unattend.ts';

/**
 * One answer file laid over another: pass by pass, component by component, element by element. Nothing
 * is lost of either but values that the upper one replaces. A component or pass that one file has twice
 * is one in the result.
 */
export function layOver(under: Unattend, over: Unattend, options: LayOptions): Unattend {
  const laySettings = (
    below: UnattendSettings | undefined,
    above: UnattendSettings,
  ): UnattendSettings => layPass(below ?? nothingOf(above), above, options);
  return {
    attributes: { ...under.attributes, ...over.attributes },
    comments: [...under.comments, ...over.comments],
    lastComments: [...under.lastComments, ...over.lastComments],
    commentsBehind: [...under.commentsBehind, ...over.commentsBehind],
    settings: layAll(under.settings, over.settings, ({ pass }) => pass, laySettings),
    others: [...under.others, ...over.others],
  };
}

/** What makes a component the same as another one: its name and architecture, and what seldom differs. */
export function componentKey(component: UnattendComponent): string {
  const { name, processorArchitecture, publicKeyToken, language, versionScope } = component;
  return [name, processorArchitecture, publicKeyToken, language, versionScope]
    .join('\n')
    .toLowerCase();
}

/** Each part laid over the one that has its key, or added. */
function layAll<Part>(
  under: readonly Part[],
  over: readonly Part[],
  keyOf: (part: Part) => string,
  lay: (under: Part | undefined, over: Part) => Part,
): readonly Part[] {
  const parts = new Map<string, Part>();
  for (const part of [...under, ...over]) {
    const key = keyOf(part);
    parts.set(key, lay(parts.get(key), part));
  }
  return [...parts.values()];
}

/** The pass of these settings, with nothing in it. */
function nothingOf({ pass }: UnattendSettings): UnattendSettings {
  return { pass, attributes: {}, comments: [], lastComments: [], components: [], others: [] };
}

function layPass(
  under: UnattendSettings,
  over: UnattendSettings,
  options: LayOptions,
): UnattendSettings {
  return {
    pass: over.pass,
    attributes: { ...under.attributes, ...over.attributes },
    comments: [...under.comments, ...over.comments],
    lastComments: [...under.lastComments, ...over.lastComments],
    components: layAll(under.components, over.components, componentKey, (below, above) =>
      below === undefined ? above : layComponent(below, above, over.pass, options),
    ),
    others: [...under.others, ...over.others],
  };
}

function layComponent(
  under: UnattendComponent,
  over: UnattendComponent,
  pass: Pass,
  options: LayOptions,
): UnattendComponent {
  return {
    ...over,
    // Files that declare wcm otherwise are about: what is merged has the one that Windows knows.
    attributes: { ...under.attributes, ...over.attributes, 'xmlns:wcm': WCM_NAMESPACE },
    comments: [...under.comments, ...over.comments],
    lastComments: [...under.lastComments, ...over.lastComments],
    elements: layElements(under.elements, over.elements, `${pass}/${over.name}`, options),
  };
}

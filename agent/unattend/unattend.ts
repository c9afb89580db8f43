/** The answer file of Windows Setup as a value: what is known of its form, and all else kept as it is. */

/** Namespace of the root. */
export const UNATTEND_NAMESPACE = 'urn:schemas-microsoft-com:unattend';
/** Namespace of `wcm:action` and `wcm:keyValue`. */
export const WCM_NAMESPACE = 'http://schemas.microsoft.com/WMIConfig/2002/State';

/** Configuration passes, in the order in which Windows goes through them. */
export const passes = [
  'windowsPE',
  'offlineServicing',
  'generalize',
  'specialize',
  'auditSystem',
  'auditUser',
  'oobeSystem',
] as const;
export type Pass = (typeof passes)[number];

/** Architectures as answer files call them. */
export type ProcessorArchitecture = 'amd64' | 'x86' | 'arm64';

export type Attributes = Readonly<Record<string, string>>;

/** Comments before a part, in its parent. */
interface Commented {
  readonly comments: readonly string[];
}

/** One element: it has either children or a text. */
export interface UnattendElement extends Commented {
  readonly name: string;
  /** In their order, `wcm:action` among them. */
  readonly attributes: Attributes;
  readonly children: readonly UnattendElement[];
  /** Of an element without children, nothing trimmed. */
  readonly text: string;
  /** Comments in it that no child comes after. */
  readonly lastComments: readonly string[];
}

/** Settings of one component of Windows in one pass. */
export interface UnattendComponent extends Commented {
  readonly name: string;
  readonly processorArchitecture: string;
  readonly publicKeyToken: string;
  readonly language: string;
  readonly versionScope: string;
  /** Others than those above, mostly declarations of namespaces. */
  readonly attributes: Attributes;
  readonly elements: readonly UnattendElement[];
  readonly lastComments: readonly string[];
}

/** All that is said for one pass. */
export interface UnattendSettings extends Commented {
  readonly pass: Pass;
  readonly attributes: Attributes;
  readonly components: readonly UnattendComponent[];
  readonly others: readonly UnattendElement[];
  readonly lastComments: readonly string[];
}

/** A whole answer file. */
export interface Unattend extends Commented {
  /** Of the root, beside its namespace. */
  readonly attributes: Attributes;
  readonly settings: readonly UnattendSettings[];
  /** What stands beside the passes: `cpi:offlineImage`, `servicing`. */
  readonly others: readonly UnattendElement[];
  readonly lastComments: readonly string[];
  readonly commentsBehind: readonly string[];
}

/** What components of Windows have, but for their name and architecture. */
export const componentIdentity = {
  publicKeyToken: '31bf3856ad364e35',
  language: 'neutral',
  versionScope: 'nonSxS',
} as const;

const noComments = { comments: [], lastComments: [] } as const;

/** An element with children, or with a text. */
export function element(
  name: string,
  content: string | readonly UnattendElement[],
  attributes: Attributes = {},
): UnattendElement {
  const isText = typeof content === 'string';
  return {
    ...noComments,
    name,
    attributes,
    children: isText ? [] : content,
    text: isText ? content : '',
  };
}

/** An item of a list: `wcm:action="add"`, and with a number the key that lists of plain texts have. */
export function listItem(
  name: string,
  content: string | readonly UnattendElement[],
  keyValue?: number,
): UnattendElement {
  const key = keyValue === undefined ? {} : { 'wcm:keyValue': String(keyValue) };
  return element(name, content, { 'wcm:action': 'add', ...key });
}

/** A component of Windows with these settings. */
export function component(
  name: string,
  processorArchitecture: ProcessorArchitecture,
  elements: readonly UnattendElement[],
): UnattendComponent {
  const attributes = { 'xmlns:wcm': WCM_NAMESPACE };
  return { ...noComments, ...componentIdentity, name, processorArchitecture, attributes, elements };
}

/** An answer file of components by pass; what is empty is left out. */
export function unattendOf(
  components: Readonly<Partial<Record<Pass, readonly UnattendComponent[]>>>,
): Unattend {
  const settings = passes.flatMap((pass) => {
    const used = (components[pass] ?? []).filter(({ elements }) => elements.length > 0);
    return used.length === 0
      ? []
      : [{ ...noComments, pass, attributes: {}, components: used, others: [] }];
  });
  return { ...noComments, attributes: {}, settings, others: [], commentsBehind: [] };
}

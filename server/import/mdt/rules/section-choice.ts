/** Which sections of a rules file a word of its `Priority` may lead to, and on which machines. */
import type { RuleCondition } from '#agent/steps/dynamic-variables/rule-condition.ts';
import type { IniFile } from './ini.ts';
import { listMember } from './list-rules.ts';
import { gatheredListNames, gatheredNames, type Property } from './properties.ts';
import { equals, notExists } from './rule-parts.ts';

export interface SectionChoice {
  readonly section: string;
  readonly conditions: readonly RuleCondition[];
}

/** Members of a list that are looked at: no machine has more adapters. */
const LIST_MEMBERS = 8;
const MAX_CONDITION_TEXT = 256;
const MAC = /^[\da-f]{2}([:-])[\da-f]{2}(?:\1[\da-f]{2}){4}$/i;
/** Sections that hold no values of properties. */
export const NOT_VALUES: ReadonlySet<string> = new Set(['settings', 'defaultgateway']);
const UUID = /^\{?[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\}?$/i;

/** Sections that are no make, model or number of a machine: they are reached by name. */
export function namedSections(file: IniFile, priority: readonly string[]): ReadonlySet<string> {
  const named = new Set(priority.map((word) => word.toLowerCase()));
  for (const { value } of file.sections.get('defaultgateway')?.entries.values() ?? [])
    named.add(value.toLowerCase());
  for (const section of file.sections.values())
    for (const key of ['subsection', 'sqldefault'] as const) {
      const target = section.entries.get(key)?.value ?? '';
      // `%Model%` alone may become any of them.
      if (/^%[^%]*%$/.test(target) || target === '') continue;
      for (const choice of subsectionChoices(file, target) ?? [])
        named.add(choice.section.toLowerCase());
    }
  return named;
}

/** The sections that a word of `Priority` may lead to, in the order in which they are looked at. */
export function sectionChoices(
  file: IniFile,
  word: string,
  {
    properties,
    named,
  }: {
    readonly properties: ReadonlyMap<string, Property>;
    readonly named: ReadonlySet<string>;
  },
): readonly SectionChoice[] {
  const key = word.toLowerCase();
  if (key === 'defaultgateway') return gatewayChoices(file);
  const property = properties.get(key);
  const isGatheredList = gatheredListNames.has(key);
  const isKnown = property !== undefined || gatheredNames.has(key) || isGatheredList;
  const own = file.sections.get(key)?.name;
  if (!isKnown && own !== undefined) return [{ section: own, conditions: [] }];
  const name = property?.name ?? word;
  const isOfMachine = gatheredNames.has(key) || isGatheredList;
  const candidates = [...file.sections.values()]
    .map((section) => section.name)
    .filter((section) => !(isOfMachine && named.has(section.toLowerCase())))
    .filter((section) => mayBeValue(key, section));
  if (isGatheredList || property?.isList === true)
    return candidates.map((section) => ({ section, conditions: [listHas(name, section)] }));
  const choices = candidates.map((section) => ({ section, conditions: [valueIs(name, section)] }));
  return own === undefined
    ? choices
    : [...choices, { section: own, conditions: [notExists(name)] }];
}

function gatewayChoices(file: IniFile): readonly SectionChoice[] {
  const gateways = new Map<string, { section: string; addresses: string[] }>();
  for (const { key, value } of file.sections.get('defaultgateway')?.entries.values() ?? []) {
    if (value === '' || key.length > MAX_CONDITION_TEXT) continue;
    const known = gateways.get(value.toLowerCase());
    if (known === undefined)
      gateways.set(value.toLowerCase(), { section: value, addresses: [key] });
    else known.addresses.push(key);
  }
  return [...gateways.values()].map(({ section, addresses }) => ({
    section,
    conditions: [{ kind: 'location', defaultGateway: addresses }],
  }));
}

/** What looks like a MAC address is one, and no model; what looks like a UUID is no asset tag. */
function mayBeValue(property: string, section: string): boolean {
  if (section.length > MAX_CONDITION_TEXT) return false;
  if (MAC.test(section)) return property === 'macaddress';
  return property !== 'macaddress' && UUID.test(section) === (property === 'uuid');
}

function valueIs(name: string, value: string): RuleCondition {
  const isPlain = !/[*?%]/.test(value);
  switch (name.toLowerCase()) {
    case 'make':
      return isPlain ? { kind: 'make-model', make: value, model: '*' } : equals(name, value);
    case 'model':
      return isPlain ? { kind: 'make-model', make: '*', model: value } : equals(name, value);
    case 'serialnumber':
      return isPlain ? { kind: 'computer', serialNumber: [value] } : equals(name, value);
    case 'assettag':
      return isPlain ? { kind: 'computer', assetTag: [value] } : equals(name, value);
    case 'uuid':
      return { kind: 'computer', uuid: [value] };
    default:
      return equals(name, value);
  }
}

function listHas(name: string, value: string): RuleCondition {
  if (name.toLowerCase() === 'macaddress') return { kind: 'computer', macAddress: [value] };
  return {
    any: Array.from({ length: LIST_MEMBERS }, (_, index) =>
      equals(listMember(name, index + 1), value),
    ),
  };
}

/**
 * The sections that a `Subsection` leads to: one, or with a variable in it each whose name it may become.
 * Undefined where it has several variables: their values cannot be told apart in a name.
 */
export function subsectionChoices(
  file: IniFile,
  target: string,
): readonly SectionChoice[] | undefined {
  const parts = target.split('%');
  if (parts.length === 1) return [{ section: target, conditions: [] }];
  const [before = '', variable = '', after = ''] = parts;
  if (parts.length !== 3 || variable === '') return undefined;
  return [...file.sections.values()].flatMap(({ name }) => {
    const isLongEnough = name.length >= before.length + after.length;
    const fits =
      isLongEnough &&
      name.toLowerCase().startsWith(before.toLowerCase()) &&
      name.toLowerCase().endsWith(after.toLowerCase());
    if (!fits) return [];
    const value = name.slice(before.length, name.length - after.length);
    return [{ section: name, conditions: [equals(variable, value)] }];
  });
}

import type { ImportNeed } from '../../map-step.ts';
import type { IniFile } from './ini.ts';
import { ListRules } from './list-rules.ts';
import { type Property, standardProperties } from './properties.ts';
import type { DynamicRule } from './rule-parts.ts';

export interface RulesOptions {
  /** The name of the file, for what is told of it. */
  readonly from: string;
  /** The name of an application by its id. */
  readonly applicationName?: ((guid: string) => string | undefined) | undefined;
}

/** What is known while the rules of a file are made. */
export interface Making {
  readonly file: IniFile;
  readonly options: RulesOptions;
  /** By name in lower case, in the order in which MDT reads them. */
  readonly properties: ReadonlyMap<string, Property>;
  readonly lists: ListRules;
  /** Properties that have a value from here on, whatever the machine is; in lower case. */
  readonly settled: Set<string>;
  readonly rules: readonly DynamicRule[];
  readonly needs: readonly ImportNeed[];
  /** False where there is no room for more. */
  push(rule: DynamicRule): boolean;
  /** Tells a person something, once. */
  need(
    kind: ImportNeed['kind'],
    at: { readonly line: number } | undefined,
    message: string,
    hint?: string,
  ): void;
}

/** As much as five steps hold, and a person still reads. */
export const MAX_RULES = 5000;
const MAX_NEEDS = 500;

export function startMaking(file: IniFile, options: RulesOptions): Making {
  const rules: DynamicRule[] = [];
  const needs: ImportNeed[] = [];
  const told = new Set<string>();
  return {
    file,
    options,
    properties: propertiesOf(file),
    lists: new ListRules(),
    settled: new Set(),
    rules,
    needs,
    push(rule) {
      if (rules.length >= MAX_RULES) return false;
      rules.push(rule);
      return true;
    },
    need(kind, at, message, hint) {
      const place = at === undefined ? '' : `, line ${at.line}`;
      const whole = `${options.from}${place}: ${message}`;
      if (told.has(whole) || needs.length >= MAX_NEEDS) return;
      told.add(whole);
      needs.push({ kind, message: whole, ...(hint === undefined ? {} : { hint }) });
    },
  };
}

/** MDT's own properties, and behind them those that the file declares. */
function propertiesOf(file: IniFile): ReadonlyMap<string, Property> {
  const properties = new Map(
    standardProperties.map((property) => [property.name.toLowerCase(), property]),
  );
  const settings = file.sections.get('settings');
  for (const key of ['customkeysuserdata', 'customkeyssysprep', 'osdvariablekeys', 'properties'])
    for (const word of wordsOf(settings?.entries.get(key)?.value)) {
      const isList = word.endsWith('(*)');
      const name = isList ? word.slice(0, -3) : word;
      const known = properties.get(name.toLowerCase());
      if (known === undefined)
        properties.set(name.toLowerCase(), { name, isList, isOverwritten: false });
      else if (isList) properties.set(name.toLowerCase(), { ...known, isList });
    }
  return properties;
}

/** The words of a list with commas. */
export function wordsOf(list: string | undefined): readonly string[] {
  return (list ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

import { variableNameProblem } from '#agent/sequence/variables.ts';
import type { RuleCondition } from '#agent/steps/dynamic-variables/rule-condition.ts';
import { isMdtSecretName } from '../secret-name.ts';
import type { IniEntry, IniSection } from './ini.ts';
import type { Making } from './making.ts';
import type { Property } from './properties.ts';
import { notExists, rule } from './rule-parts.ts';

const MAX_VALUE = 4000;
/** As many as MDT reads of one list. */
const MAX_ITEMS = 100;
/** `#Right("%SerialNumber%",6)#`: VBScript. */
const EXPRESSION = /#[^#]+#/;
const GUID = /^\{[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\}$/i;
/** Keys that say where values come from; they are no values. */
const SOURCE_KEYS =
  /^(?:sqlserver|instance|port|database|netlib|dbid|dbpwd|sqlshare|table|storedprocedure|parameters|parametercondition|query|order|webservice|method|cache|userexit|subsection|sqldefault|priority|properties|customkeysuserdata|customkeyssysprep|osdvariablekeys)$/;

export const SCRIPT_HINT =
  'Do it in a Run PowerShell Script step before: its output goes to a variable, or it sets variables itself.';

/** The value of a key, undefined where it is missing or empty. */
export function entryOf(section: IniSection, key: string): IniEntry | undefined {
  const entry = section.entries.get(key);
  return entry === undefined || entry.value === '' ? undefined : entry;
}

/** Rules for the values of a section, which counts where all `conditions` hold. */
export function setValues(
  section: IniSection,
  conditions: readonly RuleCondition[],
  making: Making,
): void {
  for (const [key, property] of making.properties)
    if (property.isList) setList(section, property, { conditions, making });
    else {
      const entry = entryOf(section, key);
      if (entry !== undefined && mayBeSet(entry, section, { property, making }))
        setOne(entry, property, { conditions, making });
    }
}

interface Place {
  readonly conditions: readonly RuleCondition[];
  readonly making: Making;
}

function setOne(
  { value }: IniEntry,
  { name, isOverwritten }: Property,
  { conditions, making }: Place,
): void {
  const key = name.toLowerCase();
  if (making.settled.has(key) && !isOverwritten) return;
  const secret = isMdtSecretName(name) ? { secret: true as const } : {};
  const isFree = isOverwritten ? [] : [notExists(name)];
  making.push(rule([...conditions, ...isFree], { name, value, ...secret }));
  if (conditions.length === 0 && !value.includes('%')) making.settled.add(key);
}

/** Items are numbered from 1, with three digits or as many as there are. */
function setList(section: IniSection, property: Property, { conditions, making }: Place): void {
  const { name } = property;
  const key = name.toLowerCase();
  const values: string[] = [];
  for (let place = 1; place <= MAX_ITEMS; place += 1) {
    const entry =
      entryOf(section, `${key}${place}`) ??
      entryOf(section, `${key}${String(place).padStart(3, '0')}`);
    if (entry === undefined) break;
    if (mayBeSet(entry, section, { property, making })) values.push(itemOf(name, entry, making));
  }
  for (const each of making.lists.add(name, values, conditions)) making.push(each);
}

function itemOf(list: string, { value }: IniEntry, { options }: Making): string {
  const isApplication = /^(?:mandatory)?applications$/i.test(list) && GUID.test(value);
  return (isApplication ? options.applicationName?.(value) : undefined) ?? value;
}

/** Whether a value can be set; else what a person must know of it is told. */
function mayBeSet(
  entry: IniEntry,
  section: IniSection,
  { property: { name }, making }: { readonly property: Property; readonly making: Making },
): boolean {
  const { value } = entry;
  const where = `${entry.key} of [${section.name}]`;
  const problem = variableNameProblem(name);
  if (problem !== undefined)
    making.need('setting', entry, `${where} was not taken over: ${problem}`);
  else if (isMdtSecretName(name) && !/^%[^%]+%$/.test(value))
    making.need(
      'secret',
      entry,
      `${where} stands in the file in plain text; it was not taken over`,
      `Set the secret variable ${name} of a collection or device: metalwright variable set --collection <name> --secret ${name}`,
    );
  else if (EXPRESSION.test(value))
    making.need(
      'script',
      entry,
      `${where} is computed by VBScript: ${value.slice(0, 200)}`,
      SCRIPT_HINT,
    );
  else if (value.length > MAX_VALUE)
    making.need(
      'setting',
      entry,
      `${where} has ${value.length} characters, a variable holds ${MAX_VALUE}`,
    );
  else return true;
  return false;
}

/** Tells of the keys that MDT does not read. */
export function tellUnread(section: IniSection, isSource: boolean, making: Making): void {
  for (const [key, entry] of section.entries) {
    if (SOURCE_KEYS.test(key)) continue;
    const isKnown =
      making.properties.has(key) ||
      making.properties.get(key.replace(/\d{1,3}$/, ''))?.isList === true;
    if (isSource)
      making.need(
        'setting',
        entry,
        `${entry.key} of [${section.name}] is not read by MDT: its values come from elsewhere`,
      );
    else if (!isKnown)
      making.need(
        'setting',
        entry,
        `${entry.key} of [${section.name}] is not read by MDT: it is no property that it knows, and is not in Properties`,
      );
  }
}

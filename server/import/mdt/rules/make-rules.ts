import type { RuleCondition } from '#agent/steps/dynamic-variables/rule-condition.ts';
import type { ImportNeed } from '../../map-step.ts';
import type { IniEntry, IniFile, IniSection } from './ini.ts';
import { MAX_RULES, type Making, type RulesOptions, startMaking, wordsOf } from './making.ts';
import { askedVariables, type DynamicRule, equals, exists, rule } from './rule-parts.ts';
import { NOT_VALUES, namedSections, sectionChoices, subsectionChoices } from './section-choice.ts';
import { entryOf, SCRIPT_HINT, setValues, tellUnread } from './section-values.ts';

/** The rules of MDT, as those of Set Dynamic Variables that give the same values. */
export interface MadeRules {
  readonly rules: readonly DynamicRule[];
  readonly needs: readonly ImportNeed[];
}

const MAX_SECTIONS_VISITED = 5000;
/** Words of `Priority`; people write ten at most. */
const MAX_PRIORITY = 64;

/** A section on the way to it from `Priority`. */
interface Visit {
  readonly section: IniSection;
  readonly conditions: readonly RuleCondition[];
  /** The sections that led here and itself, in lower case. */
  readonly path: readonly string[];
}

interface Walk extends Making {
  readonly visited: Set<string>;
  /** Variables that only the rules need. */
  readonly helpers: string[];
  visits: number;
}

/**
 * Makes rules of a rules file. MDT reads the sections in the order of `Priority`, in each the properties
 * in the order in which it knows them; the first value of a property stays, a list keeps all. So each rule
 * sets one variable, where it has no value yet and the machine is one that its section is for.
 */
export function makeRules(file: IniFile, options: RulesOptions): MadeRules {
  const walk: Walk = {
    ...startMaking(file, options),
    visited: new Set(NOT_VALUES),
    helpers: [],
    visits: 0,
  };
  for (const note of file.notes) walk.need('setting', note, note.message);
  const words = wordsOf(file.sections.get('settings')?.entries.get('priority')?.value);
  const priority = [...new Set(words)].slice(0, MAX_PRIORITY);
  if (priority.length < new Set(words).size)
    walk.need(
      'setting',
      undefined,
      `Priority has more than ${MAX_PRIORITY} words: only those are read`,
    );
  if (priority.length === 0)
    walk.need('setting', undefined, '[Settings] has no Priority: MDT reads none of the sections');
  const named = namedSections(file, priority);
  for (const word of priority)
    for (const choice of sectionChoices(file, word, { properties: walk.properties, named }))
      enter(choice.section, choice.conditions, { walk, path: [] });
  for (const { name, line } of file.sections.values())
    if (!walk.visited.has(name.toLowerCase()))
      walk.need(
        'setting',
        { line },
        `no word of Priority leads to [${name}]: MDT does not read it`,
      );
  const cleared = walk.helpers.map((name) => ({ name, value: '' }));
  if (cleared.length > 0) walk.push({ variables: cleared });
  return { rules: walk.rules, needs: walk.needs };
}

function enter(
  name: string,
  conditions: readonly RuleCondition[],
  { walk, path }: { readonly walk: Walk; readonly path: readonly string[] },
): void {
  const section = walk.file.sections.get(name.toLowerCase());
  if (section === undefined || NOT_VALUES.has(name.toLowerCase())) return;
  const key = section.name.toLowerCase();
  walk.visited.add(key);
  if (path.includes(key))
    walk.need('setting', section, `[${section.name}] leads back to itself by its Subsection`);
  else if (++walk.visits > MAX_SECTIONS_VISITED || walk.rules.length >= MAX_RULES)
    walk.need(
      'setting',
      undefined,
      `the rules are too many for a sequence: the first ${walk.rules.length} were taken over`,
      'Give single machines their values as device variables: metalwright variable set --device <name>.',
    );
  else visit(latched({ section, conditions, path: [...path, key] }, walk), walk);
}

function visit({ section, conditions, path }: Visit, walk: Walk): void {
  const exit = entryOf(section, 'userexit');
  if (exit !== undefined)
    walk.need(
      'script',
      exit,
      `[${section.name}] runs the script ${exit.value} (UserExit)`,
      SCRIPT_HINT,
    );
  const database = entryOf(section, 'sqlserver');
  const source = database ?? entryOf(section, 'webservice');
  if (source !== undefined)
    walk.need(
      'setting',
      source,
      `[${section.name}] asks ${database === undefined ? 'a web service' : 'a database'} for its values`,
      'Give the machines these values as device or collection variables, or ask for them in a Run PowerShell Script step.',
    );
  for (const key of ['subsection', 'sqldefault']) {
    const target = entryOf(section, key);
    if (target !== undefined) follow(target, { section, conditions, path }, walk);
  }
  if (source === undefined) setValues(section, conditions, walk);
  tellUnread(section, source !== undefined, walk);
}

/** A name with several variables in it is put together first, and then compared. */
function follow({ value }: IniEntry, { conditions, path }: Visit, walk: Walk): void {
  let choices = subsectionChoices(walk.file, value);
  if (choices === undefined) {
    const helper = newHelper(walk);
    walk.push(rule(conditions, { name: helper, value }));
    choices = [...walk.file.sections.values()].map(({ name }) => ({
      section: name,
      conditions: [equals(helper, name)],
    }));
  }
  for (const choice of choices)
    if (!value.includes('%') || !path.includes(choice.section.toLowerCase()))
      enter(choice.section, [...conditions, ...choice.conditions], { walk, path });
}

/**
 * A section whose own values change what it was chosen by is chosen once: the choice is kept in a
 * variable until the end.
 */
function latched(chosen: Visit, walk: Walk): Visit {
  const asked = chosen.conditions.flatMap(askedVariables);
  if (!asked.some((name) => mayChange(name, chosen.section, walk.file))) return chosen;
  const helper = newHelper(walk);
  walk.push(rule(chosen.conditions, { name: helper, value: 'true' }));
  return { ...chosen, conditions: [exists(helper)] };
}

/** A Subsection may lead anywhere: then any section counts. */
function mayChange(name: string, section: IniSection, file: IniFile): boolean {
  const leads = section.entries.has('subsection') || section.entries.has('sqldefault');
  const sections = leads ? [...file.sections.values()] : [section];
  return sections.some(
    ({ entries }) => entries.has(name) || entries.has(name.replace(/0*(\d+)$/, '$1')),
  );
}

function newHelper({ helpers }: Walk): string {
  const name = `RulesSection${helpers.length + 1}`;
  helpers.push(name);
  return name;
}

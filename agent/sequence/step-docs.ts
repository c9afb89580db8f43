import { inputSchema } from './json-schema/input-schema.ts';
import { type StepDefinition, stepMenus } from './step.ts';
import { paramRows } from './step-docs/param-rows.ts';
import type { StepRegistry } from './task-sequence.ts';
import { variableCatalog } from './variable-catalog.ts';

const intro = `# Steps

Made from the steps in \`agent/steps\`: change them there, then \`node scripts/write-step-docs.ts\`. A test
(\`server/docs.test.ts\`) holds both equal. [Writing task sequences](task-sequences.md) tells how a step is
written; the same is in [task-sequence.schema.json](task-sequence.schema.json) for editors.

A step marked *later* can be written, checked, simulated, imported and exported; a run that comes to it is
refused (\`step.later\`). Any setting may be a text with \`%Variable%\` in it. Packages, images and
applications are referred to as \`{ name: … }\` or \`{ id: … }\`.
`;

const environments = {
  winpe: 'Windows PE',
  'full-os': 'the installed system',
  'linux-pe': 'Linux PE',
} as const;

/** docs/steps.md: every step, by the menu it is in, with its settings. */
export function formatStepDocs(registry: StepRegistry): string {
  const definitions = Object.values(registry);
  const parts = Object.entries(stepMenus).flatMap(([menu, title]) => {
    const inMenu = definitions.filter((definition) => definition.menu === menu);
    return inMenu.length === 0 ? [] : [`## ${title}\n`, ...inMenu.map(formatStep)];
  });
  const rows = definitions.map(
    ({ type, title, menu, action }) =>
      `| [\`${type}\`](#${type}) | ${title} | ${stepMenus[menu]} | ${action === 'now' ? '' : 'later'} |\n`,
  );
  const table = `| type | name | menu | action |\n|---|---|---|---|\n${rows.join('')}`;
  return [intro, table, ...parts].join('\n');
}

function formatStep(definition: StepDefinition): string {
  const { type, title, help, action, runsIn, params } = definition;
  const facts = [
    action === 'later' ? 'This version cannot run it yet (*later*).' : '',
    `Runs in ${inWords(runsIn.map((environment) => environments[environment]))}.`,
    definition.repeatable
      ? ''
      : 'Is not run again after it was cut off, unless `retryIfInterrupted` says so.',
    definition.destructive ? 'Destroys data.' : '',
    referencesOf(definition),
    verbatimOf(definition),
  ].filter(Boolean);
  const rows = paramRows(inputSchema(params, '#')).map(
    ({ name, what, values, standard }) => `| \`${name}\` | ${what} | ${values} | ${standard} |\n`,
  );
  const table =
    rows.length === 0
      ? 'It has no settings.\n'
      : `| param | what | values | default |\n|---|---|---|---|\n${rows.join('')}`;
  return [
    `### ${type}\n`,
    `**${title}.** ${help}\n`,
    `${facts.join(' ')}\n`,
    table,
    variablesOf(title),
  ]
    .filter(Boolean)
    .join('\n');
}

function referencesOf({ referenceParams = {} }: StepDefinition): string {
  const places = Object.entries(referenceParams).map(
    ([place, kind]) => `\`${place}\` (${kind.replaceAll('-', ' ')})`,
  );
  return places.length === 0 ? '' : `References ${inWords(places)}.`;
}

function verbatimOf({ verbatimParams = [] }: StepDefinition): string {
  if (verbatimParams.length === 0) return '';
  return `The engine puts no variables into ${inWords(verbatimParams.map((name) => `\`${name}\``))}.`;
}

/** Variables of the catalogue that are for a step of that name. */
function variablesOf(title: string): string {
  const names = variableCatalog
    .flatMap(({ variables }) => variables)
    .filter(({ applies }) =>
      applies
        .replace(/^after /, '')
        .split(', ')
        .includes(title),
    )
    .map(({ name }) => `\`${name}\``);
  return names.length === 0 ? '' : `[Variables](variables.md): ${names.join(', ')}.\n`;
}

function inWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

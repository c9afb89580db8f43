import { variableCatalog } from '../variable-catalog.ts';
import type { VariableFacts, VariableGroup } from './group.ts';

const intro = `# Task sequence variables

Made from the catalogue in \`agent/sequence/variable-catalog\`: change it there, then
\`node scripts/write-variable-docs.ts\`. A test (\`server/docs.test.ts\`) holds both equal.

## Rules

- **Names** have 1 to 256 letters, digits, \`_\` and \`-\`, and no case. Yours begin with a letter: those with \`_\`
  are read-only. A task sequence that sets one is refused; a name made of variables fails when it runs.
- **Values** are texts of at most 4,000 characters. An empty value deletes the variable. Yes and no are \`true\`
  and \`false\`, in any case.
- \`%Name%\` puts a value into any setting of a step. A name without a value becomes empty, and the log says so;
  names that Windows puts in, \`%ProgramData%\` and its like, stay as they are.
- **Where they come from**, later ones winning: collections of the device, by their precedence (1 unless set;
  the higher number wins, of equal ones the collection with the higher id), the device, media, the prestart
  command, the run. An unknown computer has those of its collections only.
- **Kinds.** *Read-only*: set by the agent. *Control*: set them, the agent acts on them. *Action*: a setting of a
  step. It is there while the step runs and gone afterwards; one that you set beforehand takes the place of the
  setting in every such step, and stays. A step fails (\`step.params\`) where it cannot take the value. *Output*:
  left by a step for those after it.
- **Arrays**: \`<n>\` in a name is an index from 0, \`OSDAdapter0Name\`. A layout in \`OSDPartitions0Type\` and its like
  takes the place of a step's whole list; without the count \`OSDPartitions\` it ends at the first number that has
  no \`Type\`.
- **In the environment** of a program are all but secrets, and but for those whose name or value no environment
  can hold. All together have 24,576 characters at most, on every system: where they are more, the longest are
  left out, and the log names them. \`metalwright-ts get\` reads any of them.
- **Secrets** (marked so, or by their name: 🔒 below) are never printed: not in logs, on screens, in the history or
  in the API. Their values are hidden wherever they stand, each line of a value of several lines too. A value of
  one or two characters is hidden only where it stands alone, between blanks or signs: else it would blank out
  every text, and the gaps would tell it. It is no secret anyway: choose a longer one.

\`metalwright sequence check\` warns of a name that is nearly a built-in one, of a value that a variable does not
take, and of what has no effect. *Later* in a table: this version does not set it, or does not act on it. It is
accepted all the same.
`;

/** docs/variables.md: the rules, and a table for each group of the catalogue. */
export function formatVariableDocs(): string {
  return [intro, ...variableCatalog.map(formatGroup)].join('\n');
}

function formatGroup({ title, variables }: VariableGroup): string {
  const rows = variables.map((facts) => `| ${cells(facts).map(escape).join(' | ')} |\n`);
  return `## ${title}

| name | kind | what it is | values | for |
|---|---|---|---|---|
${rows.join('')}`;
}

function cells(facts: VariableFacts): string[] {
  const { name, kind, meaning, secret, supported, applies } = facts;
  return [
    `\`${name}\`${secret === true ? ' 🔒' : ''}`,
    supported === true || kind === 'deprecated' ? kind : `${kind}, *later*`,
    meaning,
    valuesOf(facts),
    applies,
  ];
}

function valuesOf({ type, values, range, maxLength, standard }: VariableFacts): string {
  const allowed =
    values !== undefined
      ? values.map((value) => `\`${value}\``).join(', ')
      : range !== undefined
        ? `${range[0]} to ${range[1]}`
        : maxLength !== undefined
          ? `text, at most ${maxLength} characters`
          : { text: 'text', boolean: '`true`, `false`', number: 'number', list: 'list, by commas' }[
              type
            ];
  return standard === undefined ? allowed : `${allowed}; else ${standard}`;
}

/** A bar would end the cell, and an angle bracket outside of code is taken for a tag. */
function escape(cell: string): string {
  return cell.replaceAll('|', '\\|');
}

import type { Command } from 'commander';
import { z } from 'zod';
import { steps } from '#agent/steps/index.ts';
import { outlineOf } from '../inventory/sequence-outline.ts';
import { readSequenceText } from '../sequence-text.ts';
import type { StepStanding } from '../step-check/step-standing.ts';
import { CliError } from './cli-error.ts';
import { documentError, readSequenceFile } from './sequence-file.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

const Options = z.object({ all: z.boolean().default(false), json: z.boolean().default(false) });

/** `metalwright sequence check`: a file, or with `--all` every step that this version has. */
export function sequenceCheckCommand(sequence: Command, terminal: Terminal): void {
  sequence
    .command('check')
    .argument('[file]')
    .option('--all', 'instead of a file, all steps: what works of each, and where')
    .option('--json', 'with --all, as JSON')
    .description('check a file without a server: its form, its steps and their settings')
    .action(async (file: string | undefined, raw: unknown) => {
      const { all, json } = Options.parse(raw);
      if (all === (file !== undefined))
        throw new CliError('cli.usage', 'sequence check takes a file, or --all', {
          hint: 'metalwright sequence check <file>, or metalwright sequence check --all',
          exitCode: 2,
        });
      if (file === undefined) await checkAll(terminal, json);
      else await checkFile(terminal, file);
    });
}

async function checkFile(terminal: Terminal, file: string): Promise<void> {
  const { text } = await readSequenceFile(file);
  try {
    const { sequence, document, warnings, lineOf } = readSequenceText(text, steps);
    for (const { path, message, hint, code } of warnings) {
      terminal.out(`warning: ${path}: ${message} [${code}]\n`);
      if (hint !== undefined) terminal.out(`    what to do: ${hint}\n`);
    }
    const { later } = outlineOf(JSON.stringify(document));
    for (const { path, step, what } of later)
      terminal.out(`warning: ${path}${lineOf(path)}: "${step}": ${what} [step.later]\n`);
    if (later.length > 0)
      terminal.out(
        `    what to do: it can be kept and simulated; a machine refuses it while such a step is enabled\n`,
      );
    terminal.out(
      `"${sequence.name}" is well formed. Whether its images exist is checked by sequence add\n`,
    );
  } catch (error) {
    throw documentError(error, file);
  }
}

const places = {
  'linux-pe': 'Linux PE',
  'full-os': 'installed system',
  winpe: 'Windows PE',
} as const;

async function checkAll(terminal: Terminal, json: boolean): Promise<void> {
  // Loaded when asked for, with all of the import: every other command starts without it.
  const { checkSteps, isWhole } = await import('../step-check/step-standing.ts');
  const standings = await checkSteps(steps);
  writeList(terminal, standings, {
    json,
    empty: 'this version has no steps',
    columns: [
      { title: 'TYPE', value: ({ type }) => type },
      { title: 'STEP', value: ({ title }) => title },
      { title: 'MENU', value: ({ menu }) => menu },
      { title: 'SCHEMA', value: schemaText },
      {
        title: 'SIMULATE',
        value: ({ simulationError }) => (simulationError === undefined ? 'yes' : 'FAILS'),
      },
      { title: 'ACTION RUNS IN', value: actionText },
      { title: 'IMPORTED FROM', value: importText },
    ],
  });
  const broken = standings.filter((standing) => !isWhole(standing));
  if (!json) terminal.out(summary(standings, standings.length - broken.length));
  const [first] = broken;
  if (first === undefined) return;
  throw new CliError('sequence.step-broken', `${first.type}: ${faultOf(first)}`, {
    hint: 'This version is faulty: report it.',
  });
}

/** Of what is imported as a step, so much is told; `--json` has all. */
const MAX_SOURCES = 4;

function schemaText({ settings }: StepStanding): string {
  if (settings === undefined) return 'FAILS';
  return settings === 1 ? '1 setting' : `${settings} settings`;
}

function actionText({ action, runsIn }: StepStanding): string {
  if (action === 'later') return 'not yet';
  return runsIn.length === 0 ? 'nowhere' : runsIn.map((each) => places[each]).join(', ');
}

function importText({ importedFrom }: StepStanding): string {
  if (importedFrom.length === 0) return 'NOTHING';
  const names = importedFrom.map((name) => name.replace(/^SMS_TaskSequence_|Action$/g, ''));
  const more = names.length - MAX_SOURCES;
  return more > 0 ? `${names.slice(0, MAX_SOURCES).join(', ')} and ${more} more` : names.join(', ');
}

function faultOf({ settings, simulationError, importedFrom }: StepStanding): string {
  if (settings === undefined) return 'no params could be found that its schema takes';
  if (simulationError !== undefined) return `its simulation fails: ${simulationError}`;
  return importedFrom.length === 0 ? 'nothing is imported as this step' : '';
}

function summary(standings: readonly StepStanding[], whole: number): string {
  const run = standings.filter(({ runsIn }) => runsIn.length > 0).length;
  return `\n${standings.length} steps: ${whole} are written, checked, simulated and imported; the actions of ${run} run in this version\n`;
}

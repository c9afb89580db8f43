import type { Command } from 'commander';
import { z } from 'zod';
import { SequenceId } from '#agent/protocol/identity.ts';
import { steps } from '#agent/steps/index.ts';
import { SequenceCheckAnswer } from '../http/api-sequences.ts';
import { componentsOf, needsInPe } from '../inventory/boot-image-problems.ts';
import { outlineOf, type SequenceOutline } from '../inventory/sequence-outline.ts';
import { readSequenceText, refusePlainSecrets } from '../sequence-text.ts';
import type { StepStanding } from '../step-check/step-standing.ts';
import { CliError } from './cli-error.ts';
import { namesServer, withApi, withServerOptions } from './client-command.ts';
import { problemLines } from './problem-lines.ts';
import { documentError, readSequenceFile } from './sequence-file.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

const Options = z.object({ all: z.boolean().default(false), json: z.boolean().default(false) });

/**
 * `metalwright sequence check`: a file, or with `--all` every step that this version has. The server is asked
 * whether it has what the file refers to only where it is named: it is not needed.
 */
export function sequenceCheckCommand(sequence: Command, terminal: Terminal): void {
  const command = withServerOptions(
    sequence
      .command('check')
      .argument('[file]')
      .option('--all', 'instead of a file, all steps: what works of each, and where')
      .option('--json', 'with --all, as JSON')
      .description(
        'check a file: its form, its steps and their settings; with --server or --data also whether that server has what it refers to',
      ),
  );
  command.action(async (file: string | undefined, raw: unknown) => {
    const { all, json } = Options.parse(raw);
    if (all === (file !== undefined))
      throw new CliError('cli.usage', 'sequence check takes a file, or --all', {
        hint: 'metalwright sequence check <file>, or metalwright sequence check --all',
        exitCode: 2,
      });
    if (file === undefined) return checkAll(terminal, json);
    const text = await checkFile(terminal, file);
    if (namesServer(command)) await checkAtServer(terminal, { file, text, raw });
  });
}

/** Holds the text against what the server has. @throws {CliError} `sequence.not-deployable`, with problems */
async function checkAtServer(
  terminal: Terminal,
  { file, text, raw }: { readonly file: string; readonly text: string; readonly raw: unknown },
): Promise<void> {
  const { name, problems, warnings } = await withApi(terminal, raw, (api) =>
    api.call('POST', '/sequences/check', SequenceCheckAnswer, { json: { text } }),
  );
  terminal.out(problemLines(problems) + problemLines(warnings, 'warning'));
  if (problems.length > 0)
    throw new CliError('sequence.not-deployable', `"${name}" could not be deployed as it is`, {
      where: file,
      hint: 'Put right what is told above.',
    });
  terminal.out('the server has all that it refers to\n');
}

/** Says what is wrong with a file by itself. @returns its text */
async function checkFile(terminal: Terminal, file: string): Promise<string> {
  const { text } = await readSequenceFile(file);
  try {
    const read = readSequenceText(text, steps);
    const { sequence, document, warnings, lineOf } = read;
    for (const { path, message, hint, code } of warnings) {
      terminal.out(`warning: ${path}: ${message} [${code}]\n`);
      if (hint !== undefined) terminal.out(`    what to do: ${hint}\n`);
    }
    refusePlainSecrets(read);
    const outline = outlineOf(JSON.stringify(document));
    const { later } = outline;
    for (const { path, step, what } of later)
      terminal.out(`warning: ${path}${lineOf(path)}: "${step}": ${what} [step.later]\n`);
    if (later.length > 0)
      terminal.out(
        `    what to do: it can be kept and simulated; a machine refuses it while such a step is enabled\n`,
      );
    terminal.out(needsText(outline));
    terminal.out(
      `"${sequence.name}" is well formed. Whether its images exist is checked by sequence add, or here with --server\n`,
    );
    return text;
  } catch (error) {
    throw documentError(error, file);
  }
}

/** Its children are not looked at: any id does. */
const UNSAVED = SequenceId.parse('UNSAVED');

/** What the boot image that the document names must have, as far as its own steps say. */
function needsText(outline: SequenceOutline): string {
  const { bootImage } = outline;
  if (bootImage === undefined) return '';
  const steps = new Map<string, Set<string>>();
  for (const { entry } of needsInPe({ id: UNSAVED, outline, find: () => undefined }))
    for (const component of componentsOf(entry.need))
      steps.set(component, (steps.get(component) ?? new Set()).add(entry.step));
  const title = JSON.stringify(bootImage.name ?? bootImage.id);
  return [...steps]
    .map(([component, names]) => `the boot image ${title} needs ${component}: ${listed(names)}\n`)
    .join('');
}

function listed(names: ReadonlySet<string>): string {
  return [...names].map((name) => JSON.stringify(name)).join(', ');
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

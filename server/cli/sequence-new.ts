import { extname } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { templates } from '../templates/index.ts';
import type { Template } from '../templates/template.ts';
import type { AnswerProblem } from '../templates/template-error.ts';
import { formatTemplate } from '../templates/template-text.ts';
import { CliError } from './cli-error.ts';
import { namesServer, withApi, withServerOptions } from './client-command.ts';
import { isDocument } from './sequence-file.ts';
import { type Offers, readOffers } from './template-content.ts';
import { answersOf, optionOf, withAnswerOptions } from './template-options.ts';
import { askQuestions, askTemplate } from './template-questions.ts';
import type { Terminal } from './terminal.ts';
import { writeNewFile } from './write-new-file.ts';

const Options = z.looseObject({
  template: z.string().optional(),
  output: z.string().optional(),
  force: z.boolean().default(false),
});
type Options = z.output<typeof Options>;

const names = templates.map(({ name }) => name).join(', ');

/**
 * `metalwright sequence new`: a task sequence from a template. Where something that is needed is not among
 * the options, all that they do not answer is asked at a terminal; without one it is told at once. The
 * server is asked what it has only where it is named: it is not needed.
 */
export function sequenceNewCommand(sequence: Command, terminal: Terminal): void {
  const command = withServerOptions(
    sequence
      .command('new')
      .argument('[template]', names)
      .description('make a task sequence from a template, by questions or by options')
      .option('--template <template>', 'the same as the argument')
      .option('--output <file>', 'file to write, .yaml or .json (default: standard output)')
      .option('--force', 'overwrite the file'),
  );
  withAnswerOptions(command, templates).action(async (named: string | undefined, raw: unknown) => {
    const options = Options.parse(raw);
    const { output, force } = options;
    if (output !== undefined && !isDocument(output))
      throw usage(`cannot tell how to write ${output}`, 'end its name with .yaml, .yml or .json');
    const offers = namesServer(command) ? await withApi(terminal, raw, readOffers) : undefined;
    const { template, answers } = await answered(terminal, {
      named: named ?? options.template,
      options,
      offers,
    });
    const isJson = output !== undefined && extname(output).toLowerCase() === '.json';
    const text = formatTemplate(template, answers, isJson ? 'json' : 'yaml');
    if (output === undefined) return terminal.out(text);
    await writeNewFile(output, text, force);
    terminal.err(`wrote ${output}; next: metalwright sequence check, simulate, add\n`);
  });
}

/** The template and its answers, complete. @throws {CliError} `cli.usage`, `cli.stopped` */
async function answered(
  terminal: Terminal,
  {
    named,
    options,
    offers,
  }: {
    readonly named: string | undefined;
    readonly options: Options;
    readonly offers: Offers | undefined;
  },
): Promise<{ template: Template; answers: Readonly<Record<string, unknown>> }> {
  const wanted = named === undefined ? undefined : templateNamed(named);
  const before = wanted && givenFor(wanted, options, offers);
  if (wanted !== undefined && before !== undefined && before.missing.length === 0)
    return { template: wanted, answers: before.given };
  using dialogue = terminal.dialogue?.();
  if (dialogue === undefined) {
    if (wanted === undefined || before === undefined)
      throw usage('no template is named', `name one of ${names}`);
    throw badAnswers(wanted, before.missing);
  }
  const template = wanted ?? (await askTemplate(dialogue, templates));
  const { given } = before ?? givenFor(template, options, offers);
  return { template, answers: await askQuestions(dialogue, template, { given, offers }) };
}

function templateNamed(named: string): Template {
  const found = templates.find(({ name }) => name === named.toLowerCase());
  if (found !== undefined) return found;
  throw usage(`there is no template ${JSON.stringify(named)}`, `name one of ${names}`);
}

/** What the options answer, and what of the needed is left. @throws {CliError} `cli.usage`, where an answer cannot be */
function givenFor(
  template: Template,
  options: Options,
  offers: Offers | undefined,
): { given: Record<string, unknown>; missing: readonly AnswerProblem[] } {
  const all = new Map(templates.flatMap((one) => one.questions).map((one) => [one.answer, one]));
  for (const question of template.questions) all.set(question.answer, question);
  const given = answersOf(options, [...all.values()]);
  const wrong: AnswerProblem[] = [];
  for (const question of template.questions) {
    const text: unknown = options[question.answer];
    const choice = typeof text === 'string' ? offers?.choose(question, text, given) : undefined;
    if (choice === undefined) continue;
    if ('value' in choice) given[question.answer] = choice.value;
    else wrong.push({ answer: question.answer, message: choice.problem, isMissing: false });
  }
  const problems = template.problems(given);
  wrong.push(...problems.filter(({ isMissing }) => !isMissing));
  if (wrong.length > 0) throw badAnswers(template, problems.concat(wrong));
  return { given, missing: problems.filter(({ isMissing }) => isMissing) };
}

function badAnswers({ name }: Template, problems: readonly AnswerProblem[]): CliError {
  const told = [...new Set(problems)].map(
    ({ answer, message }) => `${optionOf(answer)} ${message}`,
  );
  return usage(told.join('; '), `metalwright sequence new --help lists the options of ${name}`);
}

function usage(message: string, hint: string): CliError {
  return new CliError('cli.usage', message, { hint, exitCode: 2 });
}

import { type Command, Option } from 'commander';
import type { Question } from '../templates/question.ts';
import type { Template } from '../templates/template.ts';

/** `domainOu` as an option: `domain-ou`. */
export function optionOf(answer: string): string {
  return `--${answer.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Adds an option for each answer of each template, once, under the page that asks for it. */
export function withAnswerOptions(command: Command, templates: readonly Template[]): Command {
  const all = templates.flatMap(({ questions }) => questions);
  for (const [answer, asking] of Map.groupBy(all, (question) => question.answer)) {
    const [question] = asking;
    if (question === undefined) continue;
    const of = templates.filter(({ questions }) => questions.some((one) => one.answer === answer));
    const names =
      of.length === templates.length ? '' : ` [${of.map(({ name }) => name).join(', ')}]`;
    const option = new Option(
      `${optionOf(answer)} ${argumentOf(question)}`,
      `${question.title}${defaultOf(question)}${names}`,
    ).helpGroup(`${question.page.title}:`);
    command.addOption(option);
  }
  return command;
}

function argumentOf({ kind, choices }: Question): string {
  if (kind === 'choice') return `<${choices.join('|')}>`;
  if (kind === 'yes-no') return '[yes|no]';
  if (kind === 'list') return '<text...>';
  return kind === 'number' ? '<number>' : '<text>';
}

function defaultOf({ fallback }: Question): string {
  return fallback === undefined || Array.isArray(fallback) ? '' : ` (default: ${shown(fallback)})`;
}

/** A value as somebody types it. */
export function shown(value: unknown): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

/** What somebody typed, as the value that the schema takes; text that is none stays text, to be refused. */
export function valueOf({ kind, choices }: Question, text: string): unknown {
  const word = text.trim().toLowerCase();
  switch (kind) {
    case 'number':
      return /^\d{1,15}$/.test(word) ? Number(word) : text;
    case 'yes-no':
      if (['yes', 'y', 'true'].includes(word)) return true;
      return ['no', 'n', 'false'].includes(word) ? false : text;
    case 'choice':
      return choices.find((choice) => choice === word) ?? text;
    case 'text':
    case 'list':
      return text;
  }
}

/** The answers among the options of a command line. */
export function answersOf(
  options: Readonly<Record<string, unknown>>,
  questions: readonly Question[],
): Record<string, unknown> {
  return Object.fromEntries(
    questions.flatMap((question): [string, unknown][] => {
      const given = options[question.answer];
      if (given === undefined) return [];
      return [[question.answer, typeof given === 'string' ? valueOf(question, given) : given]];
    }),
  );
}

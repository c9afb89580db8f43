import { isAsked, type Question } from '../templates/question.ts';
import type { Template } from '../templates/template.ts';
import type { Dialogue } from './dialogue.ts';
import type { Offers } from './template-content.ts';
import { shown, valueOf } from './template-options.ts';

/** Asks which template it is to be. */
export async function askTemplate(
  dialogue: Dialogue,
  templates: readonly Template[],
): Promise<Template> {
  for (const [index, { title, name }] of templates.entries())
    dialogue.say(`${index + 1}  ${title} (${name})\n`);
  for (;;) {
    const text = (await dialogue.ask('Which template [1]: ')).trim().toLowerCase();
    const found = templates.find(
      ({ name }, index) => name === text || String(index + 1) === (text === '' ? '1' : text),
    );
    if (found !== undefined) return found;
    dialogue.say(`  one of 1 to ${templates.length}, or a name in brackets\n`);
  }
}

/**
 * Asks all questions of a template that have no answer yet and a use after the answers before. A wrong
 * answer is asked for again with the reason; an empty one takes the default; `?` tells more.
 */
export async function askQuestions(
  dialogue: Dialogue,
  template: Template,
  {
    given,
    offers,
  }: { readonly given: Readonly<Record<string, unknown>>; readonly offers: Offers | undefined },
): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = { ...given };
  const { questions } = template;
  dialogue.say(
    'An empty answer takes what is in brackets, ? tells more, Ctrl-C ends without a trace.\n',
  );
  let page: string | undefined;
  for (const question of questions) {
    const { answer } = question;
    if (answers[answer] !== undefined || !isAsked(question, answers, questions)) continue;
    if (question.page.title !== page)
      dialogue.say(`\n${question.page.title}. ${question.page.help}\n`);
    page = question.page.title;
    dialogue.say(offers?.list(question, answers) ?? '');
    const value =
      question.kind === 'list'
        ? await askList(dialogue, template, question)
        : await askOne(dialogue, template, { question, answers, offers });
    if (value !== undefined) answers[answer] = value;
  }
  return answers;
}

async function askOne(
  dialogue: Dialogue,
  template: Template,
  {
    question,
    answers,
    offers,
  }: {
    readonly question: Question;
    readonly answers: Readonly<Record<string, unknown>>;
    readonly offers: Offers | undefined;
  },
): Promise<unknown> {
  const { fallback, required } = question;
  for (;;) {
    const text = (await dialogue.ask(promptOf(question))).trim();
    if (text === '?') {
      dialogue.say(`  ${question.help}\n`);
      continue;
    }
    if (text === '' && (fallback !== undefined || !required)) return undefined;
    const choice = offers?.choose(question, text, answers) ?? { value: valueOf(question, text) };
    const problem =
      'problem' in choice ? choice.problem : template.problemOf(question.answer, choice.value);
    if (problem === undefined && 'value' in choice) return choice.value;
    dialogue.say(`  ${problem}\n`);
  }
}

/** One line each, until an empty one. */
async function askList(
  dialogue: Dialogue,
  template: Template,
  question: Question,
): Promise<readonly string[] | undefined> {
  const items: string[] = [];
  for (;;) {
    const text = (await dialogue.ask(`${question.title}, one, or nothing to go on: `)).trim();
    if (text === '') return items.length === 0 ? undefined : items;
    const problem =
      text === '?' ? question.help : template.problemOf(question.answer, [...items, text]);
    if (problem === undefined) items.push(text);
    else dialogue.say(`  ${problem}\n`);
  }
}

function promptOf({ title, kind, choices, fallback, required }: Question): string {
  const possible = kind === 'choice' ? choices.join(', ') : kind === 'yes-no' ? 'yes, no' : '';
  const otherwise = fallback === undefined ? (required ? undefined : 'none') : shown(fallback);
  return [
    title,
    possible === '' ? '' : ` (${possible})`,
    otherwise === undefined ? '' : ` [${otherwise}]`,
    ': ',
  ].join('');
}

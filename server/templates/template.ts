import { z } from 'zod';
import { isAsked, type Page, type Question, questionsOf } from './question.ts';
import type { TemplateDocument } from './template-document.ts';
import { type AnswerProblem, TemplateError } from './template-error.ts';

/** A kind of task sequence, and the questions from whose answers one is made. Pure: no server, no clock. */
export interface Template {
  /** `install`. */
  readonly name: string;
  /** As the wizard of Configuration Manager says it: `Install an existing image`. */
  readonly title: string;
  readonly help: string;
  readonly pages: readonly Page[];
  readonly questions: readonly Question[];
  /** What it takes, with titles, help, defaults and limits: `z.toJSONSchema` of it draws the wizard. */
  readonly answers: z.ZodType;
  /** Why a single answer cannot be; undefined where it can. */
  readonly problemOf: (answer: string, value: unknown) => string | undefined;
  /** All that is missing or wrong with answers, by name. */
  readonly problems: (given: Readonly<Record<string, unknown>>) => readonly AnswerProblem[];
  /** @throws {TemplateError} `template.answers`, with all that is missing or wrong */
  readonly make: (given: Readonly<Record<string, unknown>>) => TemplateDocument;
}

/** Makes a template of its parts: the questions come from the pages and from the schema of each answer. */
export function defineTemplate<Shape extends z.ZodRawShape>(parts: {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly pages: readonly Page[];
  readonly shape: Shape;
  /** Answers that do not go together; those of the answer that is to be changed. */
  readonly faults?: (
    answers: z.output<z.ZodObject<Shape>>,
  ) => Readonly<Record<string, string | false>>;
  readonly document: (answers: z.output<z.ZodObject<Shape>>) => TemplateDocument;
}): Template {
  const { name, title, help, pages, shape, faults, document } = parts;
  const plain = z.strictObject(shape);
  const questions = questionsOf(pages, plain);
  const answers = plain.superRefine((values, context) => {
    for (const { answer, message } of missing(questions, values))
      context.addIssue({ code: 'custom', path: [answer], message });
    for (const [answer, message] of Object.entries(faults?.(values) ?? {}))
      if (message !== false) context.addIssue({ code: 'custom', path: [answer], message });
  });
  const problems = (given: Readonly<Record<string, unknown>>): readonly AnswerProblem[] => {
    const told = [...missing(questions, given), ...notAsked(questions, given)];
    const isTold = new Set(told.map(({ answer }) => answer));
    const { error } = answers.safeParse(given);
    const wrong = (error?.issues ?? []).flatMap((issue): AnswerProblem[] => {
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map((answer) => ({ answer, message: NO_ANSWER, isMissing: false }));
      const answer = String(issue.path[0] ?? '');
      if (isTold.has(answer)) return [];
      return [{ answer, message: issue.message, isMissing: false }];
    });
    return [...told, ...wrong];
  };
  return {
    name,
    title,
    help,
    pages,
    questions,
    answers,
    problemOf(answer, value) {
      const schema = shape[answer];
      return schema === undefined ? NO_ANSWER : problemOf(schema, value);
    },
    problems,
    make(given) {
      const found = problems(given);
      if (found.length > 0) throw new TemplateError(name, found);
      return document(plain.parse(given));
    },
  };
}

const NO_ANSWER = 'is no answer of this template';

function problemOf(schema: z.core.$ZodType, value: unknown): string | undefined {
  const parsed = z.safeParse(schema, value);
  return parsed.success ? undefined : parsed.error.issues.map(({ message }) => message).join('; ');
}

/** Questions that are asked and must be answered, and are not. */
function missing(
  questions: readonly Question[],
  given: Readonly<Record<string, unknown>>,
): AnswerProblem[] {
  return questions
    .filter((question) => question.required && isAsked(question, given, questions))
    .filter(({ answer, fallback }) => given[answer] === undefined && fallback === undefined)
    .map(({ answer, when }) => ({
      answer,
      message: when.length === 0 ? 'is needed' : `is needed where ${whenText(when)}`,
      isMissing: true,
    }));
}

/** Answers that were given to questions that are not asked: they would have no effect. */
function notAsked(
  questions: readonly Question[],
  given: Readonly<Record<string, unknown>>,
): AnswerProblem[] {
  return questions
    .filter(({ answer }) => given[answer] !== undefined)
    .filter((question) => !isAsked(question, given, questions))
    .map(({ answer, when }) => ({
      answer,
      message: `has an effect only where ${whenText(when)}`,
      isMissing: false,
    }));
}

function whenText(when: Question['when']): string {
  return when
    .map(({ answer, is }) => `${answer} is ${is === 'given' ? is : is.join(' or ')}`)
    .join(' and ');
}

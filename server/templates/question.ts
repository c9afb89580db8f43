import { z } from 'zod';

/** What an answer given before must be for a question to be asked. */
export interface When {
  readonly answer: string;
  readonly is: readonly (string | boolean)[] | 'given';
}

/** One question of a page: what is known of its answer stands in the schema of the answers. */
export interface PageQuestion {
  readonly answer: string;
  /** All of them hold, or it is not asked. */
  readonly when?: readonly When[];
  /** Whether it must be answered where it is asked, though the schema leaves it open. */
  readonly required?: boolean;
}

/** A page of the wizard. */
export interface Page {
  readonly title: string;
  readonly help: string;
  /** All of them hold, or none of its questions is asked. */
  readonly when?: readonly When[];
  readonly questions: readonly PageQuestion[];
}

/** A question with all that a wizard needs to put it. */
export interface Question {
  readonly answer: string;
  readonly page: Page;
  readonly title: string;
  readonly help: string;
  readonly kind: 'text' | 'number' | 'yes-no' | 'choice' | 'list';
  /** Of a choice. */
  readonly choices: readonly string[];
  /** What it names on the distribution point, where it does. */
  readonly reference: string | undefined;
  /** What is taken where nothing is said; undefined where there is no such thing. */
  readonly fallback: unknown;
  readonly when: readonly When[];
  readonly required: boolean;
}

/** As much of a JSON Schema as a question is made from. */
const AnswersSchema = z.object({
  properties: z.record(
    z.string(),
    z.object({
      title: z.string(),
      description: z.string().default(''),
      type: z.enum(['string', 'integer', 'boolean', 'array']),
      enum: z.array(z.string()).optional(),
      default: z.unknown().optional(),
      reference: z.string().optional(),
    }),
  ),
  required: z.array(z.string()).default([]),
});

/** The questions of all pages, in their order. The texts, choices and defaults are those of the schema. */
export function questionsOf(pages: readonly Page[], answers: z.ZodType): readonly Question[] {
  const { properties, required } = AnswersSchema.parse(z.toJSONSchema(answers, { io: 'input' }));
  return pages.flatMap((page) =>
    page.questions.map((question): Question => {
      const property = properties[question.answer];
      if (property === undefined) throw new TypeError(`no answer "${question.answer}"`);
      return {
        answer: question.answer,
        page,
        title: property.title,
        help: property.description,
        kind: kindOf(property),
        choices: property.enum ?? [],
        reference: property.reference,
        fallback: property.default,
        when: [...(page.when ?? []), ...(question.when ?? [])],
        required: question.required === true || required.includes(question.answer),
      };
    }),
  );
}

function kindOf({ type, enum: choices }: { type: string; enum?: readonly string[] | undefined }) {
  if (choices !== undefined) return 'choice';
  if (type === 'boolean') return 'yes-no';
  if (type === 'integer') return 'number';
  return type === 'array' ? 'list' : 'text';
}

/** Whether a question is asked, after the answers before it; what was not answered has its default. */
export function isAsked(
  { when }: Question,
  answers: Readonly<Record<string, unknown>>,
  questions: readonly Question[],
): boolean {
  return when.every(({ answer, is }) => {
    const given =
      answers[answer] ?? questions.find((question) => question.answer === answer)?.fallback;
    return is === 'given' ? given !== undefined : is.some((value) => value === given);
  });
}

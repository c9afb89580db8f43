import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { steps } from '#agent/steps/index.ts';
import { readSequenceText } from '../sequence-text.ts';
import { templates } from './index.ts';
import { isAsked, type Question } from './question.ts';
import type { Template } from './template.ts';
import { formatTemplate } from './template-text.ts';
import { answerSets } from './testing/answer-sets.ts';

const named = (name: string): Template => {
  const found = templates.find((template) => template.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe('M13 each template, in every variant', () => {
  it.each(answerSets)('$name is a task sequence without warnings', ({ template, answers }) => {
    const text = formatTemplate(named(template), answers, 'yaml');
    const { sequence, warnings } = readSequenceText(text, steps);
    expect(sequence.name).toBe(answers['name']);
    expect(warnings).toEqual([]);
    expect(text).toMatch(/^# From the template "/);
    expect(
      text.split('\n').filter((line) => line.trim().startsWith('#') && line.length > 100),
    ).toEqual([]);
    const json = formatTemplate(named(template), answers, 'json');
    expect(readSequenceText(json, steps).sequence).toEqual(sequence);
  });
});

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 %_.:\\-]{0,20}$/);
const texts = fc.oneof(
  word,
  fc.string({ minLength: 1, maxLength: 60 }),
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 20 }),
  fc.constant('%A Key%'),
);

/** Values that a wizard may send for a question; most of them are taken. */
function valuesOf({ kind, choices }: Question): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'choice':
      return fc.constantFrom(...choices);
    case 'yes-no':
      return fc.boolean();
    case 'number':
      return fc.integer({ min: 1, max: 9999 });
    case 'list':
      return fc.array(texts, { maxLength: 3 });
    case 'text':
      return texts;
  }
}

/** Answers in the order of the wizard: what is not asked has none, what is needed has one. */
function answersTo({ questions, problemOf }: Template): fc.Arbitrary<Record<string, unknown>> {
  const each = questions.map((question) => fc.option(valuesOf(question), { nil: undefined }));
  return fc.tuple(...each).map((values) => {
    const answers: Record<string, unknown> = {};
    for (const [index, question] of questions.entries()) {
      const value = values[index];
      if (!isAsked(question, answers, questions) || value === undefined) continue;
      if (problemOf(question.answer, value) === undefined) answers[question.answer] = value;
    }
    return answers;
  });
}

describe('M13 whatever is answered', () => {
  it.each(templates)('to $name makes a task sequence, or is refused', (template) => {
    let made = 0;
    fc.assert(
      fc.property(answersTo(template), texts, texts, (given, text, other) => {
        const filled = { ...given };
        for (const { answer, isMissing } of template.problems(given))
          if (isMissing && template.problemOf(answer, text) === undefined) filled[answer] = text;
          else if (isMissing)
            filled[answer] = answer === 'captureDestination' ? `${other}.wim` : 'A';
        if (!template.answers.safeParse(filled).success) return;
        if (template.problems(filled).length > 0) return;
        made += 1;
        const { sequence } = readSequenceText(formatTemplate(template, filled, 'yaml'), steps);
        expect(sequence.name).toBe(String(filled['name']).trim());
      }),
      { numRuns: 100 },
    );
    expect(made).toBeGreaterThan(15);
  });

  it.each(templates)(
    'the answers of $name are drawn from a JSON Schema',
    ({ answers, questions }) => {
      const { properties } = z
        .object({
          properties: z.record(
            z.string(),
            z.object({ title: z.string(), description: z.string() }),
          ),
        })
        .parse(z.toJSONSchema(answers, { io: 'input' }));
      expect(Object.keys(properties).sort()).toEqual(questions.map(({ answer }) => answer).sort());
    },
  );
});

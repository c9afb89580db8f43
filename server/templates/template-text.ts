import { formatDocumentText } from '../documents/format-text.ts';
import type { Question } from './question.ts';
import type { Template } from './template.ts';
import { documentValue, type TemplateNode } from './template-document.ts';

/**
 * The task sequence as a file: YAML with comments that say what to change, or JSON, which has none.
 * @throws {TemplateError} `template.answers`
 */
export function formatTemplate(
  template: Template,
  answers: Readonly<Record<string, unknown>>,
  format: 'yaml' | 'json',
): string {
  const document = template.make(answers);
  const comments = new Map([
    ['', headComment(template, answers, JSON.stringify(document))],
    ...nodeComments(document.steps, ''),
  ]);
  return formatDocumentText(documentValue(document), { format, comments });
}

/** Where it comes from, and what it needs to run. */
function headComment(
  { title, questions }: Template,
  answers: Readonly<Record<string, unknown>>,
  document: string,
): string[] {
  const needed = questions.flatMap((question) => neededBy(question, answers[question.answer]));
  const secrets = new Set([...document.matchAll(/%(OSD\w*Password)%/g)].map(([, name]) => name));
  return [
    `From the template "${title}".`,
    ...(needed.length === 0
      ? []
      : ['It needs on the server:', ...needed.map((each) => `  ${each}`)]),
    ...(secrets.size === 0
      ? []
      : ['It reads secrets, which metalwright variable set <name> --secret keeps:']),
    ...[...secrets].map((name) => `  ${name}`),
    'What it would do: metalwright sequence simulate <this file> --device <a device file>',
  ];
}

function neededBy({ reference }: Question, answer: unknown): string[] {
  if (reference === undefined || typeof answer !== 'string') return [];
  return [`${reference === 'os-image' ? 'the image' : 'the package'} ${JSON.stringify(answer)}`];
}

function nodeComments(
  nodes: readonly TemplateNode[],
  base: string,
): (readonly [string, readonly string[]])[] {
  return nodes.flatMap((node, index) => {
    const path = `${base}steps[${index}]`;
    const own = node.comment === undefined ? [] : [[path, node.comment.split('\n')] as const];
    return 'group' in node ? [...own, ...nodeComments(node.steps, `${path}.`)] : own;
  });
}

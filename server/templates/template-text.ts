import { listReferences } from '#agent/sequence/references.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import type { ReferenceKind } from '#agent/sequence/step.ts';
import { steps } from '#agent/steps/index.ts';
import { formatDocumentText } from '../documents/format-text.ts';
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
  const value = documentValue(document);
  const comments = new Map([
    ['', headComment(template.title, value)],
    ...nodeComments(document.steps, ''),
  ]);
  return formatDocumentText(value, { format, comments });
}

/** Where it comes from, and what it needs to run. */
function headComment(title: string, value: object): string[] {
  const found = listReferences(parseTaskSequence(value, steps), steps);
  const needed = found.map(({ kind, reference }) => `${words[kind]} "${reference.name}"`);
  const secrets = [...JSON.stringify(value).matchAll(/%(OSD\w*Password)%/g)];
  return [
    `From the template "${title}".`,
    ...listed('It needs on the server:', needed),
    ...listed(
      'It reads secrets, which metalwright variable set <name> --secret keeps:',
      secrets.map(([, name = '']) => name),
    ),
    'What it would do: metalwright sequence simulate <this file> --device <a device file>',
  ];
}

const words: Readonly<Record<ReferenceKind, string>> = {
  'os-image': 'the image',
  'os-upgrade-package': 'the upgrade package',
  'boot-image': 'the boot image',
  package: 'the package',
  'driver-package': 'the driver package',
  application: 'the application',
};

function listed(title: string, items: readonly string[]): string[] {
  const once = [...new Set(items)];
  return once.length === 0 ? [] : [title, ...once.map((each) => `   ${each}`)];
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

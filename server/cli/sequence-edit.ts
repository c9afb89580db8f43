import type { Command } from 'commander';
import { z } from 'zod';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import { steps } from '#agent/steps/index.ts';
import { readDocumentText } from '../document-text.ts';
import { DocumentError } from '../documents/document-error.ts';
import {
  findNode,
  moveNode,
  parsePath,
  type Target,
  valueAt,
  withValue,
} from '../documents/edit-document.ts';
import { rewriteDocumentText } from '../documents/rewrite.ts';
import { readSequenceText } from '../sequence-text.ts';
import { CliError } from './cli-error.ts';
import { readDocumentFile, replaceDocumentFile } from './document-file.ts';
import { documentError } from './sequence-file.ts';
import type { Terminal } from './terminal.ts';

/** Changes a document; undefined where there is nothing to change. */
type Edit = (document: unknown) => unknown;

const MoveOptions = z.object({
  before: z.string().optional(),
  after: z.string().optional(),
  into: z.string().optional(),
});

/** `metalwright sequence edit set|unset|disable|enable|move|remove`: small changes of a file, in place. */
export function sequenceEditCommand(sequence: Command, terminal: Terminal): void {
  const group = sequence
    .command('edit')
    .description('change a file in place; comments and style of the rest stay');
  const commandOf = (name: string, words: string, description: string): Command =>
    group.command(name).arguments(words).description(description);

  commandOf(
    'set',
    '<file> <place> <value>',
    'change a field of a file: steps[0].params.disk 1',
  ).action(async (file: string, place: string, value: string) =>
    edit(terminal, file, (document) => withValue(document, parsePath(place), valueOf(value))),
  );
  commandOf('unset', '<file> <place>', 'take a field out of a file').action(
    async (file: string, place: string) =>
      edit(terminal, file, (document) => {
        const keys = parsePath(place);
        if (valueAt(document, keys) === undefined)
          throw new DocumentError('document.path', `There is no ${place} in the document`);
        return withValue(document, keys, undefined);
      }),
  );
  for (const [name, disabled] of [
    ['disable', true],
    ['enable', undefined],
  ] as const)
    commandOf(name, '<file> <step...>', `${name} steps or groups of a file, by name or id`).action(
      async (file: string, names: string[]) =>
        edit(terminal, file, (document) =>
          names.reduce((changed, step) => {
            const { keys } = findNode(changed, step);
            return withValue(changed, [...keys, 'disabled'], disabled);
          }, document),
        ),
    );
  commandOf('move', '<file> <step>', 'move a step or group of a file, with its comments')
    .option('--before <step>', 'to before this step or group')
    .option('--after <step>', 'to behind this step or group')
    .option('--into <group>', 'to the end of this group')
    .action(async (file: string, step: string, options: unknown) => {
      const target = targetOf(MoveOptions.parse(options));
      await edit(terminal, file, (document) => moveNode(document, step, target));
    });
  commandOf('remove', '<file> <step...>', 'remove steps or groups from a file').action(
    async (file: string, names: string[]) =>
      edit(terminal, file, (document) => {
        const all = new Map(
          names.map((step) => findNode(document, step)).map((node) => [node.id, node]),
        );
        // The last one first: the places of those before it stay.
        return [...all.values()]
          .sort((one, other) => compareIds(other.id, one.id))
          .reduce((changed, { keys }) => withValue(changed, keys, undefined), document);
      }),
  );
}

function targetOf(options: z.output<typeof MoveOptions>): Target {
  const given = (['before', 'after', 'into'] as const).flatMap((where) => {
    const node = options[where];
    return node === undefined ? [] : [{ where, node }];
  });
  const [target] = given;
  if (target !== undefined && given.length === 1) return target;
  throw new CliError('cli.usage', 'where is it to be moved?', {
    hint: 'name one of --before, --after and --into',
    exitCode: 2,
  });
}

/** JSON where it is JSON: `5`, `true`, `"5"`, `[1, 2]`; else the text as it is. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function compareIds(one: string, other: string): number {
  const [left, right] = [one.split('/').map(Number), other.split('/').map(Number)];
  for (const [index, number] of left.entries()) {
    const difference = number - (right[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/**
 * Changes a file. One that is well formed stays so: a change that is not is refused, and the file is not
 * touched. One that is not yet may be changed by and by.
 * @throws {CliError} `cli.file`, `document.*`, `sequence.*`
 */
async function edit(terminal: Terminal, file: string, change: Edit): Promise<void> {
  const decoded = await readDocumentFile(file);
  const { text } = decoded;
  try {
    const before = faultOf(text);
    if (before instanceof SequenceError && before.code === 'sequence.text') throw before;
    const rewritten = rewriteDocumentText(text, change(readDocumentText(text).value));
    if (rewritten === text) {
      terminal.out(`${file} is so already\n`);
      return;
    }
    const after = faultOf(rewritten);
    if (after !== undefined && before === undefined) throw after;
    await replaceDocumentFile(file, { ...decoded, text: rewritten });
    terminal.out(`changed ${file}\n`);
    if (after !== undefined)
      terminal.out(`it is not well formed yet: metalwright sequence check ${file}\n`);
  } catch (error) {
    throw documentError(error, file);
  }
}

function faultOf(text: string): unknown {
  try {
    readSequenceText(text, steps);
    return undefined;
  } catch (error) {
    return error;
  }
}

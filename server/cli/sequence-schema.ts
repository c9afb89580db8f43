import type { Command } from 'commander';
import { formatJsonSchema } from '#agent/sequence/json-schema.ts';
import { steps } from '#agent/steps/index.ts';
import type { Terminal } from './terminal.ts';

/** `metalwright sequence schema`: the JSON Schema of documents, for an editor. */
export function sequenceSchemaCommand(sequence: Command, terminal: Terminal): void {
  sequence
    .command('schema')
    .description('print the JSON Schema of task sequence documents, for editors')
    .action(() => terminal.out(formatJsonSchema(steps)));
}

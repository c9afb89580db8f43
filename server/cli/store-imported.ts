import { formatDocumentText } from '../documents/format-text.ts';
import { SequenceView } from '../http/api-sequences.ts';
import type { Imported } from '../import/import-all.ts';
import type { ImportedSequence } from '../import/imported-sequence.ts';
import { countSequence, mappedSteps } from '../import/report/count.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { withApi } from './client-command.ts';
import type { ImportOptions } from './import-options.ts';
import type { Terminal } from './terminal.ts';

/** How a sequence was stored. */
interface Stored {
  readonly name: string;
  readonly id: string;
  readonly version: number;
  readonly state: 'draft' | 'ready';
  /** Why it is a draft: what has to be there before it is ready. */
  readonly problems: readonly string[];
  readonly steps: number;
  readonly mapped: number;
}

/** Problems of a draft that are told; `sequence list` has all. */
const MAX_TOLD = 3;

/**
 * Stores the imported sequences on the server: ready where all that they refer to is there, else as
 * drafts, which no machine gets.
 */
export async function storeImported(
  terminal: Terminal,
  { sequences, failures }: Imported,
  { raw, options }: { readonly raw: unknown; readonly options: ImportOptions },
): Promise<void> {
  for (const { from, message, code } of failures) terminal.err(`${from}: ${message} [${code}]\n`);
  if (sequences.length === 0) return;
  const stored = await withApi(terminal, raw, async (api) => {
    const all: Stored[] = [];
    for (const sequence of childrenFirst(sequences))
      all.push(await store(api, sequence, options.draft));
    return all;
  });
  if (options.json) {
    terminal.out(`${JSON.stringify(stored, null, 2)}\n`);
    return;
  }
  for (const each of stored) terminal.out(storedText(each));
  terminal.out(
    'What needs a person, and what became of each step: the same command with --report\n',
  );
}

async function store(
  api: ApiClient,
  imported: ImportedSequence,
  isDraft: boolean,
): Promise<Stored> {
  const { document, comments } = imported;
  const text = formatDocumentText(document, { format: 'yaml', comments });
  const post = async (draft: boolean): Promise<SequenceView> =>
    api.call('POST', '/sequences', SequenceView, { json: { text, format: 'yaml', draft } });
  const view = isDraft ? await post(true) : await readyOrDraft(post);
  const { name, id, version, state, problems } = view;
  const counts = countSequence(imported);
  return {
    name,
    id,
    version,
    state,
    problems: problems.map(({ message }) => message),
    steps: counts.steps,
    mapped: mappedSteps(counts),
  };
}

/** What keeps a sequence from being ready keeps it from nothing else: then it is a draft. */
async function readyOrDraft(
  post: (draft: boolean) => Promise<SequenceView>,
): Promise<SequenceView> {
  try {
    return await post(false);
  } catch (error) {
    if (!(error instanceof CliError) || !error.code.startsWith('sequence.')) throw error;
    return await post(true);
  }
}

/** Those that others run come before them, so that these can be ready at once. */
function childrenFirst(sequences: readonly ImportedSequence[]): readonly ImportedSequence[] {
  const byName = new Map(sequences.map((each) => [each.name.toLowerCase(), each]));
  const ordered = new Set<ImportedSequence>();
  const begun = new Set<ImportedSequence>();
  const add = (sequence: ImportedSequence): void => {
    if (begun.has(sequence)) return;
    begun.add(sequence);
    for (const { references } of sequence.nodes)
      for (const { kind, name } of references) {
        const child = kind === 'sequence' ? byName.get(name.toLowerCase()) : undefined;
        if (child !== undefined) add(child);
      }
    ordered.add(sequence);
  };
  for (const sequence of sequences) add(sequence);
  return [...ordered];
}

function storedText({ name, id, version, state, problems, steps, mapped }: Stored): string {
  const lines = [
    `stored "${name}" as ${id}, version ${version}, ${state === 'draft' ? 'a draft' : 'ready'}: ${mapped} of ${steps} steps mapped`,
    ...problems.slice(0, MAX_TOLD).map((problem) => `  problem: ${problem}`),
    ...(problems.length > MAX_TOLD ? [`  and ${problems.length - MAX_TOLD} more problems`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

import { DEFAULT_MAX_RUN_MINUTES, MaxRunMinutes } from '#agent/sequence/document-heads.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { ImportError } from './import-error.ts';
import { importNodes, type NodeImport } from './import-nodes.ts';
import type { ImportedNode, ImportedSequence } from './imported-sequence.ts';
import type { DocumentNode, ImportNeed, ImportReference } from './map-step.ts';
import { withKnownVariables } from './mdt/os-variable.ts';
import { withRestartTargets } from './mdt/restart-target.ts';
import type { ShareContext } from './mdt/share-context.ts';
import { mdtStart } from './mdt/start-step.ts';
import { originOf } from './origin.ts';
import { setGlobals } from './set-globals.ts';
import type { SourceSequence } from './source-sequence.ts';
import { MAX_DESCRIPTION } from './step-node.ts';
import { withWholeCharacters } from './well-formed-text.ts';

export interface SequenceImport extends Pick<NodeImport, 'mapStep'> {
  /** Its name in the import: no other sequence has it. */
  readonly name: string;
  /** Names of objects by their id, lower case. */
  readonly names: ReadonlyMap<string, string>;
  readonly registry: StepRegistry;
  /** The deployment share that it is from, where it is imported with it. */
  readonly share?: ShareContext | undefined;
}

/**
 * A task sequence of another system as a document of ours: names, order, options and comments as they
 * were; each step by what does the same here, or kept disabled with all that it was.
 * @throws {ImportError} `import.sequence`: it is larger, or nests deeper, than a document may
 */
export function importSequence(source: SourceSequence, how: SequenceImport): ImportedSequence {
  const { name, names, registry, mapStep, share } = how;
  let secrets = 0;
  let questions = 0;
  const nodes: ImportedNode[] = [];
  const comments = new Map<string, readonly string[]>();
  const globals = setGlobals(source);
  const start = mdtStart(source, { share, names });
  const first = [...(globals === undefined ? [] : [globals.node]), ...start.nodes];
  const imported = importNodes(
    {
      context: { sequence: source, names, share },
      registry,
      mapStep,
      nextSecret: () => ++secrets,
      nextQuestion: () => ++questions,
      nodes,
      comments,
    },
    withKnownVariables(withRestartTargets(source)).nodes,
    { path: '', depth: 0, first: first.length },
  );
  const { format, id, properties, description } = source;
  const attributes = { ...(id === undefined ? {} : { id }), ...properties };
  const origin = originOf({ format, attributes });
  const steps = [...first, ...imported];
  const startsFrom = bootImage(source, names);
  const runTime = maxRunTime(source);
  const named = startsFrom.map(({ name: image }) => ({ bootImage: { name: image } }))[0];
  const document = withWholeCharacters<DocumentNode>({
    name,
    ...(description === '' ? {} : { description: description.slice(0, MAX_DESCRIPTION) }),
    ...named,
    ...(runTime.minutes === undefined ? {} : { maxRunMinutes: runTime.minutes }),
    ...(origin === undefined ? {} : { origin }),
    steps: steps.length === 0 ? [NOTHING] : steps,
  });
  assertFits(document, registry);
  return {
    source,
    name,
    document,
    nodes,
    comments,
    needs: [
      ...(globals?.needs ?? []),
      ...start.needs,
      ...runTime.needs,
      ...renamed(source, name),
      ...(imported.length === 0 ? [EMPTY] : []),
    ],
    references: [...startsFrom, ...start.references],
  };
}

/** *Maximum allowed run time* of a console export, in minutes; undefined where it says none. */
function maxRunTime({ name, properties }: SourceSequence): {
  readonly minutes: number | undefined;
  readonly needs: readonly ImportNeed[];
} {
  const text = properties['Duration'];
  if (text === undefined) return { minutes: undefined, needs: [] };
  const { data: minutes } = MaxRunMinutes.safeParse(Number(text));
  if (minutes !== undefined) return { minutes, needs: [] };
  const message = `${name}: its maximum run time of ${text.slice(0, 20)} minutes cannot be set here; it is ${DEFAULT_MAX_RUN_MINUTES}`;
  return { minutes: undefined, needs: [{ kind: 'setting', message }] };
}

/** What stands in a document that has to have a step. */
const NOTHING: DocumentNode = {
  step: 'Nothing yet',
  type: 'set-dynamic-variables',
  description: 'The imported task sequence has no steps.',
  disabled: true,
};
const EMPTY: ImportNeed = {
  kind: 'setting',
  message: 'The task sequence has no steps; a disabled one stands in the document',
};

function renamed({ name }: SourceSequence, unique: string): ImportNeed[] {
  if (name === unique) return [];
  return [
    {
      kind: 'setting',
      message: `Its name is "${unique}" here: it was "${name}"`,
    },
  ];
}

function bootImage(
  { properties }: SourceSequence,
  names: ReadonlyMap<string, string>,
): ImportReference[] {
  const sourceId = properties['BootImageID']?.trim() ?? '';
  if (sourceId === '' || /^0+$/.test(sourceId)) return [];
  const named = names.get(sourceId.toLowerCase());
  const name = (named ?? sourceId).slice(0, 128);
  return [{ sourceId, kind: 'boot-image', name, isNamed: named !== undefined }];
}

/** Each node fits by itself; all of them together may still be too many, or nest too deeply. */
function assertFits(document: DocumentNode, registry: StepRegistry): void {
  try {
    parseTaskSequence(document, registry);
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    throw new ImportError('import.sequence', `"${String(document['name'])}": ${error.message}`, {
      hint: 'Part the task sequence before it is exported: it is more than one document holds.',
      cause: error,
    });
  }
}

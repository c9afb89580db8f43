import { z } from 'zod';
import type { ErrorProblem } from '#agent/protocol/error.ts';
import { RUN_SEQUENCE, SequenceReference } from '#agent/sequence/child-sequence.ts';
import { documentPath } from '#agent/sequence/document-path.ts';
import { laterAction, laterText } from '#agent/sequence/later-action.ts';
import { ContentReference, referencesOf } from '#agent/sequence/references.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import type { ReferenceKind } from '#agent/sequence/step.ts';
import type { SequenceNode, StepNode } from '#agent/sequence/task-sequence.ts';
import { VARIABLE_MARK } from '#agent/sequence/variables.ts';
import { applyDataImage } from '#agent/steps/apply-data-image.ts';
import { applyImage } from '#agent/steps/apply-image.ts';
import { formatDisk } from '#agent/steps/format-disk.ts';
import { steps } from '#agent/steps/index.ts';
import { installPackage } from '#agent/steps/install-package.ts';
import { upgradeOs } from '#agent/steps/upgrade-os.ts';
import { type CourseEntry, courseOf } from './pe-course.ts';
import { problemOf } from './stored-problem.ts';

/** Where something stands in an enabled step. */
interface OutlinePlace {
  /** Place in the document: `steps[0].params.image`. */
  readonly path: string;
  /** Name of the step. */
  readonly step: string;
}

/** What one version of a task sequence leads to: all that its problems are found by. */
export interface SequenceOutline {
  /** As its document says; empty when it cannot be read. */
  readonly name: string;
  readonly disabled: boolean;
  readonly references: readonly (OutlinePlace & {
    readonly field: string;
    readonly kind: ReferenceKind;
    readonly reference: ContentReference;
  })[];
  /** Programs that steps run by their names. */
  readonly programs: readonly (OutlinePlace & {
    readonly reference: ContentReference;
    readonly program: string;
  })[];
  /** What its document says it starts from; undefined for Linux PE. */
  readonly bootImage: ContentReference | undefined;
  /** Its maximum allowed run time, as its document says; undefined where it says none. */
  readonly maxRunMinutes: number | undefined;
  /** OS images that steps apply; `index` is null where it is only known at the machine. */
  readonly osImages: readonly (OutlinePlace & {
    readonly reference: ContentReference;
    readonly index: number | null;
  })[];
  /** What has to do with its boot image, in the order of the run. */
  readonly course: readonly CourseEntry[];
  readonly children: readonly (OutlinePlace & { readonly reference: SequenceReference })[];
  /** Names of steps that write a disk or a system: a required deployment of it is high-risk (M18). */
  readonly risky: readonly string[];
  /** It upgrades the Windows that it runs in. */
  readonly upgrades: boolean;
  /** Steps that this version cannot run, or not with all of their settings: what it cannot do. */
  readonly later: readonly (OutlinePlace & { readonly what: string })[];
  /** That this server cannot read it: it was kept by one that knew other steps. */
  readonly fault: ErrorProblem | undefined;
}

/** Reads what the enabled steps of a stored document lead to. Disabled ones are not looked at. */
export function outlineOf(documentJson: string): SequenceOutline {
  try {
    const sequence = parseTaskSequence(JSON.parse(documentJson), steps);
    const enabled = [...enabledSteps(sequence.steps, '')];
    return {
      name: sequence.name,
      disabled: sequence.disabled,
      references: enabled.flatMap(contentOf),
      programs: enabled.flatMap(programOf),
      bootImage: sequence.bootImage,
      maxRunMinutes: sequence.maxRunMinutes,
      osImages: enabled.flatMap(osImageOf),
      course: courseOf(sequence.steps),
      children: enabled.flatMap(childOf),
      risky: enabled.filter(({ node }) => riskyTypes.has(node.type)).map(({ node }) => node.name),
      upgrades: enabled.some(({ node }) => node.type === upgradeOs.type),
      later: enabled.flatMap(laterOf),
      fault: undefined,
    };
  } catch (error) {
    const fault = problemOf(error);
    return { ...NOTHING, fault };
  }
}

const riskyTypes: ReadonlySet<string> = new Set(
  [formatDisk, applyImage, applyDataImage, upgradeOs].map(({ type }) => type),
);

const NOTHING = {
  name: '',
  disabled: false,
  references: [],
  programs: [],
  bootImage: undefined,
  maxRunMinutes: undefined,
  osImages: [],
  course: [],
  children: [],
  risky: [],
  upgrades: false,
  later: [],
} as const;

const RunProgram = z.object({ package: ContentReference, program: z.string() });
const AppliedImage = z.object({ image: ContentReference, index: z.unknown().optional() });

interface FoundStep {
  readonly node: StepNode;
  readonly path: string;
}

function* enabledSteps(nodes: readonly SequenceNode[], base: string): Generator<FoundStep> {
  for (const [index, node] of nodes.entries()) {
    if (node.disabled) continue;
    const path = documentPath(base, ['steps', index]);
    if (node.kind === 'group') yield* enabledSteps(node.steps, path);
    else yield { node, path };
  }
}

function contentOf({ node, path }: FoundStep): SequenceOutline['references'] {
  return [...referencesOf(node, steps)].map(({ keys, reference, kind }) => ({
    path: documentPath(path, ['params', ...keys]),
    step: node.name,
    field: documentPath('', keys),
    kind,
    reference,
  }));
}

function programOf({ node, path }: FoundStep): SequenceOutline['programs'] {
  if (node.type !== installPackage.type) return [];
  const { data } = RunProgram.safeParse(node.params);
  // A name with a variable in it is known at the machine.
  if (data === undefined || data.program.search(VARIABLE_MARK) >= 0) return [];
  const at = { path: `${path}.params.program`, step: node.name };
  return [{ ...at, reference: data.package, program: data.program }];
}

function osImageOf({ node, path }: FoundStep): SequenceOutline['osImages'] {
  if (node.type !== applyImage.type) return [];
  const { data } = AppliedImage.safeParse(node.params);
  if (data === undefined) return [];
  const index = z.int().positive().default(1).safeParse(data.index);
  return [
    {
      path: `${path}.params.image`,
      step: node.name,
      reference: data.image,
      index: index.data ?? null,
    },
  ];
}

function childOf({ node, path }: FoundStep): SequenceOutline['children'] {
  if (node.type !== RUN_SEQUENCE) return [];
  const reference = SequenceReference.safeParse(node.params['sequence']);
  if (!reference.success) return [];
  return [{ path: `${path}.params.sequence`, step: node.name, reference: reference.data }];
}

function laterOf({ node, path }: FoundStep): SequenceOutline['later'] {
  const later = laterAction(node, steps);
  return later === undefined ? [] : [{ path, step: node.name, what: laterText(later) }];
}

import { z } from 'zod';
import type { PackageId } from '#agent/protocol/identity.ts';
import { expandChildren } from '#agent/sequence/expand-children.ts';
import { formatTaskSequence } from '#agent/sequence/format.ts';
import {
  type ContentReference,
  listReferences,
  pinReferences,
} from '#agent/sequence/references.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import type { ReferenceKind } from '#agent/sequence/step.ts';
import type { SequenceNode, StepNode, TaskSequence } from '#agent/sequence/task-sequence.ts';
import { steps } from '#agent/steps/index.ts';
import { trueOrFalse } from '#agent/steps/true-or-false.ts';
import type { FindChild, StoredDocument } from './read-children.ts';
import type { SoftwareFacts } from './software-facts.ts';

/** A package as a reference may name it. */
export interface NamedPackage {
  readonly id: PackageId;
  readonly name: string;
  /** What it is; a reference to a boot image or an application leads to nothing else, and no other reference to one. */
  readonly kind?: string;
  /** Its programs, or why it cannot be installed. */
  readonly software?: SoftwareFacts;
}

/** The document of a run: every reference has its id, and `references` lists them once each. */
export interface PinnedDocument {
  readonly documentJson: string;
  readonly references: readonly PackageId[];
  /** What the document says it starts from; undefined where it names none, or one by a name that nothing has. */
  readonly bootImage: PackageId | undefined;
  /** Whether enabled steps choose among driver packages: all, or those for the model of the machine. */
  readonly choosesDrivers: 'none' | 'of-model' | 'all';
  /** Whether enabled steps read lists of applications, or of programs, in variables. */
  readonly readsLists: { readonly applications: boolean; readonly programs: boolean };
}

/** Finds what a reference means: its id where it has one, else the package of that name, without case. */
export type Resolve = (reference: ContentReference, kind?: ReferenceKind) => PackageId | undefined;

/** Resolves references by these packages. */
export function resolveBy(packages: readonly NamedPackage[]): Resolve {
  const idsOf = (some: readonly NamedPackage[]) =>
    // Of two with one name the first counts: the last that is put in stays.
    new Map(some.toReversed().map(({ id, name }) => [keyOf(name), id]));
  const bootImages = idsOf(packages.filter(({ kind = BOOT_IMAGE }) => kind === BOOT_IMAGE));
  const applications = idsOf(packages.filter(({ kind = APPLICATION }) => kind === APPLICATION));
  const others = idsOf(packages.filter(({ kind }) => kind !== BOOT_IMAGE && kind !== APPLICATION));
  return ({ id, name }, kind) => {
    if (id !== undefined || name === undefined) return id;
    if (kind === APPLICATION) return applications.get(keyOf(name));
    return (kind === BOOT_IMAGE ? bootImages : others).get(keyOf(name));
  };
}

const BOOT_IMAGE = 'boot-image';
const APPLICATION = 'application';

function keyOf(name: string): string {
  return name.trim().toLowerCase();
}

/**
 * A stored sequence with its children in it: one policy for the machine (reference: conditions, section 5).
 *
 * @throws {SequenceError} `sequence.invalid`, when it was kept by a server that knew other steps, and what
 *   `expandChildren` throws
 */
export function readExpanded(source: StoredDocument, find: FindChild): TaskSequence {
  const { document } = expandChildren(JSON.parse(source.documentJson), find, source);
  return parseTaskSequence(document, steps);
}

/** Names that the document and its enabled steps reference and nothing has, each once. */
export function unresolvedNames(sequence: TaskSequence, resolve: Resolve): readonly string[] {
  const names = new Map<string, string>();
  for (const { reference, kind } of listReferences(sequence, steps))
    if (resolve(reference, kind) === undefined && reference.name !== undefined)
      names.set(keyOf(reference.name), reference.name.trim());
  return [...names.values()];
}

/** Puts ids into all references, those of children too. A name that resolves to nothing stays as it is. */
export function pinSequence(sequence: TaskSequence, resolve: Resolve): PinnedDocument {
  const pinned = pinReferences(sequence, steps, resolve);
  const enabled = enabledSteps(pinned.steps);
  const readsList = (type: string): boolean =>
    enabled.some((step) => step.type === type && step.params['baseVariable'] !== undefined);
  const ids = listReferences(pinned, steps).flatMap(({ reference }) => reference.id ?? []);
  return {
    documentJson: JSON.stringify(formatTaskSequence(pinned)),
    references: [...new Set(ids)],
    bootImage: pinned.bootImage?.id,
    choosesDrivers: driverChoice(enabled),
    readsLists: {
      applications: readsList('install-application'),
      programs: readsList('install-package'),
    },
  };
}

/** Steps that no switch of theirs or of a group around them keeps from running. */
function enabledSteps(nodes: readonly SequenceNode[]): StepNode[] {
  return nodes.flatMap((node) => {
    if (node.disabled) return [];
    return node.kind === 'group' ? enabledSteps(node.steps) : [node];
  });
}

/** A switch that is a variable may be on or off. */
function driverChoice(enabled: readonly StepNode[]): PinnedDocument['choosesDrivers'] {
  const ofModel = ({ params }: StepNode): 'on' | 'off' | 'open' => {
    const { data } = OfModel.safeParse(params);
    return data === undefined ? 'open' : data.ofModel ? 'on' : 'off';
  };
  const choosing = enabled.filter(
    (step) =>
      step.type === 'auto-apply-drivers' ||
      (step.type === 'apply-driver-package' && ofModel(step) !== 'off'),
  );
  if (choosing.length === 0) return 'none';
  const isLimited = (step: StepNode): boolean =>
    step.type === 'apply-driver-package' || ofModel(step) === 'on';
  return choosing.every(isLimited) ? 'of-model' : 'all';
}

const OfModel = z.object({ ofModel: trueOrFalse().default(false) });

import type { ErrorProblem } from '#agent/protocol/error.ts';
import type { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { ReferenceKind } from '#agent/sequence/step.ts';
import type { CandidateFinder } from './candidates.ts';
import { type NamedPackage, resolveBy } from './pin.ts';
import {
  circle,
  disabledChild,
  draftChild,
  missingBootImage,
  missingChild,
  missingContent,
} from './reference-problems.ts';
import type { SequenceOutline } from './sequence-outline.ts';
import { softwareProblems } from './software-problems.ts';

/** A task sequence as its problems are found by: the version that runs, without its document. */
export interface OutlinedSequence {
  readonly id: SequenceId;
  readonly name: string;
  /** It has no version that is ready. */
  readonly isDraft: boolean;
  readonly outline: SequenceOutline;
}

/** What a sequence is held against. */
export interface SequenceSurroundings {
  readonly packages: readonly NamedPackage[];
  /** Names that may be meant by one that nothing has. */
  readonly candidates: Readonly<
    Record<'packages' | 'applications' | 'bootImages' | 'sequences', CandidateFinder>
  >;
  /** Finds the sequence that a step names. */
  readonly find: (reference: SequenceReference) => OutlinedSequence | undefined;
  readonly features: { readonly childSequences: boolean };
}

/**
 * What keeps a sequence from being deployed: it is disabled, it runs others while that is switched off, a
 * child is missing, disabled or a draft (M10), a reference of it or of a child resolves to nothing (M15), a
 * step cannot be run by this version, or this server does not know its steps. Disabled steps are not
 * looked at. Each child is looked at once, at the first place that it is run.
 */
export function sequenceProblems(
  root: Omit<OutlinedSequence, 'isDraft'>,
  around: SequenceSurroundings,
): readonly ErrorProblem[] {
  const isThere = thereBy(around.packages);
  const softwareOf = softwareProblems(around.packages);
  const seen = new Set<SequenceId>();

  const look = (outline: SequenceOutline, base: string, names: readonly string[]) => {
    const found: ErrorProblem[] = outline.fault === undefined ? [] : [outline.fault];
    for (const { path, step, field, kind, reference } of outline.references)
      if (!isThere(kind, reference))
        found.push(
          missingContent(
            { path: base + path, step, field, kind, wanted: wantedOf(reference) },
            around.candidates[kind === 'application' ? 'applications' : 'packages'](
              wantedOf(reference),
            ),
          ),
        );
    found.push(...softwareOf(outline, base));
    for (const { path, step, what } of outline.later)
      found.push({
        code: 'step.later',
        message: `Step "${step}" (${base}${path}): ${what}`,
        hint: 'Take the setting out, disable the step, or do its work with a Run Command Line step.',
        path: base + path,
        step,
      });
    for (const { path, step, reference } of outline.children) {
      const at = { path: base + path, step, field: 'sequence' };
      const child = around.find(reference);
      if (child?.id === root.id) found.push(circle(at, [...names, root.name]));
      else if (child === undefined)
        found.push(
          missingChild(at, wantedOf(reference), around.candidates.sequences(wantedOf(reference))),
        );
      else if (child.outline.disabled && !child.isDraft) found.push(disabledChild(at, child.name));
      else {
        const inside = at.path.replace(/params\.sequence$/, 'child.');
        const isNew = !seen.has(child.id);
        seen.add(child.id);
        const below = !isNew ? [] : look(child.outline, inside, [...names, child.name]);
        // What else is wrong with a draft is its own affair: it has to be ready first.
        if (child.isDraft) found.push(draftChild(at, child.name), ...below.filter(isEndless));
        else found.push(...below);
      }
    }
    return found;
  };
  const { bootImage } = root.outline;
  return [
    ...(bootImage === undefined || isThere('boot-image', bootImage)
      ? []
      : [missingBootImage(wantedOf(bootImage), around.candidates.bootImages(wantedOf(bootImage)))]),
    ...(root.outline.disabled ? [disabledProblem(root.name)] : []),
    ...featureProblems(
      { name: root.name, runsOthers: root.outline.children.length > 0 },
      around.features,
    ),
    ...look(root.outline, '', [root.name]),
  ];
}

/** Codes of what a version must not have to be ready: references that lead nowhere, and what has no end. */
const endlessCodes: ReadonlySet<string> = new Set([
  'sequence.child-cycle',
  'sequence.expanded-too-large',
]);
const refusedCodes: ReadonlySet<string> = new Set([
  'sequence.reference',
  'sequence.child-missing',
  'sequence.child-draft',
  ...endlessCodes,
]);

function isEndless({ code }: ErrorProblem): boolean {
  return endlessCodes.has(code);
}

/** Those of a sequence's problems for which it cannot be stored as ready (M15): its own, not its children's. */
export function refusalsOf(problems: readonly ErrorProblem[]): readonly ErrorProblem[] {
  const isOwn = (path: string) => path === 'bootImage' || /^(steps\[\d+\]\.)+params\./.test(path);
  return problems.filter(
    ({ code, path }) =>
      refusedCodes.has(code) && (endlessCodes.has(code) || path === undefined || isOwn(path)),
  );
}

/** Why a disabled sequence starts nowhere. */
export function disabledProblem(name: string): ErrorProblem {
  return {
    code: 'sequence.disabled',
    message: `The task sequence "${name}" is disabled`,
    hint: 'Take "disabled: true" out of it and store it again.',
  };
}

/** Why a sequence starts nowhere that has only drafts. */
export function draftProblem(name: string): ErrorProblem {
  return {
    code: 'sequence.draft',
    message: `The task sequence "${name}" is a draft`,
    hint: `Make it ready: metalwright sequence ready ${JSON.stringify(name)}`,
  };
}

/** That it runs other sequences while the site has that switched off; none when it runs none. */
export function featureProblems(
  { name, runsOthers }: { readonly name: string; readonly runsOthers: boolean },
  features: SequenceSurroundings['features'],
): ErrorProblem[] {
  if (features.childSequences || !runsOthers) return [];
  return [
    {
      code: 'feature.child-sequences',
      message: `"${name}" has a Run Task Sequence step, and child task sequences are switched off`,
      hint: 'Switch them on: metalwright feature enable child-sequences',
    },
  ];
}

function thereBy(packages: readonly NamedPackage[]) {
  const known = new Map(packages.map(({ id, kind }) => [id, kind]));
  const resolve = resolveBy(packages);
  return (kind: ReferenceKind, reference: Parameters<typeof resolve>[0]): boolean => {
    const id = resolve(reference, kind);
    if (id === undefined || !known.has(id)) return false;
    const isOfOwn = kind === 'boot-image' || kind === 'application';
    return isOfOwn ? known.get(id) === kind : known.get(id) !== 'application';
  };
}

function wantedOf({
  id,
  name,
}: {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}) {
  return name ?? id ?? '';
}

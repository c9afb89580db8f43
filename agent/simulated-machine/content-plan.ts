import { ContentManifest } from '#agent/protocol/content.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import type { RunError } from '#agent/protocol/run-event.ts';
import { type MissingContentRule, missingContentRule } from '#agent/sequence/content-rule.ts';
import {
  type ContentReference,
  type FoundReference,
  listReferences,
  pinReferences,
} from '#agent/sequence/references.ts';
import type { SequenceNode, StepRegistry, TaskSequence } from '#agent/sequence/task-sequence.ts';
import { pathInside } from '../steps/package-path.ts';
import type { SimulatedDevice } from './device.ts';
import type { SimulatedContent } from './report.ts';

/** The content there is. Of what is not among it, `others` tells what to take for granted. */
export interface KnownContent {
  readonly packages: readonly ContentManifest[];
  readonly others: 'missing' | 'assumed';
}

/** A sequence with its references resolved, and the content that its run finds. */
export interface ContentPlan {
  readonly sequence: TaskSequence;
  readonly manifests: readonly ContentManifest[];
  readonly items: readonly ContentItem[];
  /** Ids of assumed packages that only a name is known of: a run would have others. */
  readonly madeUp: ReadonlySet<PackageId>;
}
interface ContentItem {
  readonly name: string;
  readonly packageId: PackageId | undefined;
  readonly state: SimulatedContent['state'];
  readonly manifest: ContentManifest | undefined;
  readonly references: readonly FoundReference[];
}

/** Resolves what enabled steps reference, as a run does when it is granted. */
export function planContent(
  sequence: TaskSequence,
  registry: StepRegistry,
  { packages, others }: KnownContent,
  device: SimulatedDevice,
): ContentPlan {
  const byId = new Map(packages.map((one) => [one.packageId, one]));
  const byName = new Map(packages.map((one) => [nameKey(one.name), one.packageId]));
  const grouped = Map.groupBy(listReferences(sequence, registry), ({ reference }) =>
    referenceKey(reference, byName),
  );
  const ids = new Map<string, PackageId>();
  const madeUp = new Set<PackageId>();
  const items: ContentItem[] = [];
  for (const [key, references] of grouped) {
    const [first] = references;
    if (first === undefined) continue;
    const { id = byName.get(nameKey(first.reference.name ?? '')), name } = first.reference;
    const known = id === undefined ? undefined : byId.get(id);
    const isAssumed = known === undefined && others === 'assumed';
    const packageId = id ?? (isAssumed ? freeId(ids.size, byId) : undefined);
    if (id === undefined && packageId !== undefined) madeUp.add(packageId);
    if (packageId !== undefined) ids.set(key, packageId);
    const manifest =
      isAssumed && packageId !== undefined
        ? assumedManifest(packageId, references, { sequence, device })
        : known;
    const state = known !== undefined ? 'known' : isAssumed ? 'assumed' : 'missing';
    items.push({
      name: known?.name ?? name ?? packageId ?? '',
      packageId,
      state,
      manifest,
      references,
    });
  }
  const pinned = pinReferences(sequence, registry, (reference) =>
    ids.get(referenceKey(reference, byName)),
  );
  const manifests = items.flatMap(({ manifest }) => manifest ?? []);
  return { sequence: pinned, manifests, items, madeUp };
}

/** Why the run does not begin: the first content that is missing where nothing continues on error. */
export function contentRefusal({ items }: ContentPlan): RunError | undefined {
  for (const { state, name, references } of items) {
    const found = references.find(({ tolerated }) => !tolerated);
    if (state === 'missing' && found !== undefined)
      return {
        code: 'content.missing',
        message: `${found.step === undefined ? 'The task sequence starts from' : `"${found.step.name}" needs`} "${name}", which is on no distribution point`,
        hint: 'Add or distribute it, correct the reference, or disable the step.',
      };
  }
  return undefined;
}

/** The content for the report; `runs` tells of a step whether it would use it. */
export function contentReport(
  { items, madeUp }: ContentPlan,
  runs: (id: string) => boolean,
): SimulatedContent[] {
  return items.map(({ name, packageId, state, manifest, references }) => ({
    packageId: packageId === undefined || madeUp.has(packageId) ? null : packageId,
    name,
    state,
    version: state === 'known' ? (manifest?.version ?? null) : null,
    sizeBytes:
      state === 'known' && manifest !== undefined
        ? manifest.objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
        : null,
    steps: references.flatMap(({ step }) =>
      step === undefined ? [] : [{ id: step.id, name: step.name, runs: runs(step.id) }],
    ),
    follows: state === 'missing' ? followsFrom(references) : '',
  }));
}

const rules: Readonly<Record<MissingContentRule, string>> = {
  'fails-at-step': 'the run starts; the step fails when it is reached, which is tolerated',
  'run-fails': 'the run fails before its first step, nothing is written',
  wait: 'the run waits for it, then fails before its first step',
  'media-warns': 'the media is made, with a warning; the step fails at the machine',
  'media-refused': 'the media is not made',
};

function followsFrom(references: readonly FoundReference[]): string {
  const tolerated = references.every((reference) => reference.tolerated);
  const available = rules[missingContentRule(tolerated, { purpose: 'available' })];
  const required = rules[missingContentRule(tolerated, { purpose: 'required' })];
  const media = rules[missingContentRule(tolerated, { purpose: 'stand-alone-media' })];
  const deployed =
    available === required ? available : `available: ${available}; required: ${required}`;
  return `${deployed}; stand-alone media: ${media}`;
}

function nameKey(name: string): string {
  return name.trim().toLowerCase();
}

function referenceKey(
  { id, name = '' }: ContentReference,
  byName: ReadonlyMap<string, PackageId>,
): string {
  return id ?? byName.get(nameKey(name)) ?? `name ${nameKey(name)}`;
}

/** An id for what has none, that no known package has. */
function freeId(made: number, taken: ReadonlyMap<PackageId, unknown>): PackageId {
  for (let number = made + 1; ; number++) {
    const id = PackageId.parse(`SIM${String(number).padStart(5, '0')}`);
    if (!taken.has(id)) return id;
  }
}

/** A package that nobody described: its images fit the machine, so that no check is failed by a guess. */
function assumedManifest(
  packageId: PackageId,
  references: readonly FoundReference[],
  { sequence, device }: { readonly sequence: TaskSequence; readonly device: SimulatedDevice },
): ContentManifest {
  const indexes = new Set(references.map(({ step }) => Number(step?.params['index'] ?? 1)));
  const kind = usesExt4(sequence.steps) || device.pe === 'linux-pe' ? 'linux' : 'windows';
  return ContentManifest.parse({
    packageId,
    version: 1,
    name: references[0]?.reference.name ?? packageId,
    kind:
      (['os-image', 'boot-image'] as const).find((kind) =>
        references.some((each) => each.kind === kind),
      ) ?? 'package',
    objects: ['assumed', ...scriptsOf(references)].map((path) => ({
      path,
      sizeBytes: 0,
      sha256: '0'.repeat(64),
      chunks: [],
    })),
    images: [...indexes]
      .filter((index) => Number.isSafeInteger(index) && index > 0)
      .map((index) => ({
        index,
        name: references[0]?.reference.name ?? packageId,
        architecture: device.architecture,
        totalBytes: 0,
        kind,
      })),
  });
}

/** The scripts that steps run from a package: where nothing is known of it, it has them. */
function scriptsOf(references: readonly FoundReference[]): Iterable<string> {
  const paths = references.flatMap(({ step }) => {
    const name = step?.params['scriptName'];
    const path = typeof name === 'string' ? pathInside('/', name.trim())?.slice(1) : undefined;
    return path === undefined || path === '' ? [] : [[path.toLowerCase(), path] as const];
  });
  return new Map(paths).values();
}

function usesExt4(nodes: readonly SequenceNode[]): boolean {
  return nodes.some((node) =>
    node.kind === 'group' ? usesExt4(node.steps) : JSON.stringify(node.params).includes('"ext4"'),
  );
}

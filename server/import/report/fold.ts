import type { ImportReport, ReferenceReport } from './schema.ts';

type NeedKind = ImportReport['sequences'][number]['needs'][number]['kind'];

/** One thing that a person has to do, with all places where it has to be done. */
export interface FoldedNeed {
  readonly kind: NeedKind;
  readonly message: string;
  readonly hint: string;
  readonly places: readonly Place[];
}
/** A step or group of a sequence; without a step the sequence as a whole. */
export interface Place {
  readonly sequence: string;
  readonly step: string;
}

/** Kinds of needs in the order of their weight, with what they are called. */
export const needKinds: Readonly<Record<NeedKind, string>> = {
  condition: 'Conditions to write anew',
  secret: 'Secrets to enter',
  reference: 'Objects to choose',
  script: 'Scripts and commands to look at',
  setting: 'Settings that were not taken over, or not wholly',
};

/** The same need of several steps once; those of most places first, kinds in their order. */
export function foldNeeds({ sequences }: Pick<ImportReport, 'sequences'>): readonly FoldedNeed[] {
  const folded = new Map<string, FoldedNeed>();
  for (const { name, needs, nodes } of sequences)
    for (const { step, list } of [
      { step: '', list: needs },
      ...nodes.map((node) => ({ step: node.name, list: node.needs })),
    ])
      for (const { kind, message, hint = '' } of list) {
        const key = `${kind}\0${message}\0${withoutNumber(hint)}`;
        const known = folded.get(key) ?? { kind, message, hint, places: [] };
        const places = [...known.places, { sequence: name, step }];
        const same = known.hint === hint ? hint : withoutNumber(hint);
        folded.set(key, { ...known, hint: same, places });
      }
  const order = Object.keys(needKinds);
  return [...folded.values()].sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || b.places.length - a.places.length,
  );
}

/** Variables that stand for secrets and conditions are numbered, and each has a number of its own. */
function withoutNumber(hint: string): string {
  return hint.replaceAll(/\b(ImportedSecret|ImportedCondition)\d+/g, '$1…');
}

/** Steps that are not done here, or only by their command line, each reason once. */
export interface FoldedReason {
  readonly how: 'command-line' | 'unsupported';
  readonly reason: string;
  readonly sourceTypes: readonly string[];
  readonly places: readonly Place[];
}

/** Why steps are kept disabled or run as they stand; those of most places first. */
export function foldReasons({
  sequences,
}: Pick<ImportReport, 'sequences'>): readonly FoldedReason[] {
  const folded = new Map<string, FoldedReason & { sourceTypes: string[]; places: Place[] }>();
  for (const { name, nodes } of sequences)
    for (const { how, reason, sourceType, name: step } of nodes) {
      if (how !== 'unsupported' && how !== 'command-line') continue;
      const key = `${how} ${reason}`;
      const known = folded.get(key) ?? { how, reason, sourceTypes: [], places: [] };
      if (!known.sourceTypes.includes(sourceType)) known.sourceTypes.push(sourceType);
      known.places.push({ sequence: name, step });
      folded.set(key, known);
    }
  return [...folded.values()].sort(
    (a, b) => b.how.localeCompare(a.how) || b.places.length - a.places.length,
  );
}

/** An object to bring, with the places that use it in all sequences. */
export interface FoldedReference extends Omit<ReferenceReport, 'usedBy'> {
  readonly places: readonly Place[];
}

/** Each object of the other site once, by kind, those that most steps use first. Sequences of the import itself are left out. */
export function foldReferences({
  sequences,
}: Pick<ImportReport, 'sequences'>): readonly FoldedReference[] {
  const folded = new Map<string, FoldedReference & { readonly places: Place[] }>();
  for (const { name, references } of sequences)
    for (const { usedBy, ...reference } of references) {
      if (reference.isHere) continue;
      const key = `${reference.kind} ${reference.sourceId.toLowerCase()}`;
      const known = folded.get(key) ?? { ...reference, places: [] };
      const steps = usedBy.length === 0 ? [''] : usedBy;
      known.places.push(...steps.map((step) => ({ sequence: name, step })));
      folded.set(key, known);
    }
  return [...folded.values()].sort(
    (a, b) =>
      referenceKinds.indexOf(a.kind) - referenceKinds.indexOf(b.kind) ||
      b.places.length - a.places.length ||
      a.name.localeCompare(b.name),
  );
}

/** Kinds of objects, what comes first being the first to bring. */
const referenceKinds: readonly ReferenceReport['kind'][] = [
  'os-image',
  'os-upgrade-package',
  'boot-image',
  'driver-package',
  'package',
  'application',
  'sequence',
];

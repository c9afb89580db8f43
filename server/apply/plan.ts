import type { CollectionDocument, DeploymentDocument, WantedObject } from './document.ts';
import { lineDifferences } from './line-differences.ts';

/** What the server has of all that the files name. */
export interface ServerState {
  /** Texts of the newest versions, by name in lower case. */
  readonly sequences: ReadonlyMap<string, { readonly version: number; readonly text: string }>;
  readonly collections: ReadonlyMap<string, CollectionState>;
  readonly deployments: readonly DeploymentState[];
}

/** A collection in the words of a file, with what only the server knows. */
export interface CollectionState
  extends Omit<CollectionDocument, 'kind' | 'name' | 'secretVariables'> {
  readonly id: string;
  readonly builtIn: boolean;
  readonly secretVariables: readonly string[];
}

/** A deployment that is not withdrawn. */
interface DeploymentState {
  readonly id: string;
  readonly sequence: string;
  readonly collection: string;
  readonly purpose: 'available' | 'required';
}

/** One place where server and file differ; null where one of them has nothing. */
export interface Difference {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What has to happen to one object. */
export interface Change {
  readonly wanted: WantedObject;
  readonly action: 'create' | 'change' | 'none';
  readonly differences: readonly Difference[];
}

/** Why the files cannot be applied. */
export interface PlanProblem {
  readonly file: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Name of an object, as people say it. */
export function nameOf(wanted: WantedObject): string {
  return wanted.kind === 'deployment' ? `${wanted.sequence} to ${wanted.collection}` : wanted.name;
}

/**
 * Holds files against the server: what is to be made, what is to be changed, in an order in which it can be
 * done (what is referred to comes first). Nothing that no file names is taken away.
 */
export function planChanges(
  wanted: readonly WantedObject[],
  state: ServerState,
): { readonly changes: readonly Change[]; readonly problems: readonly PlanProblem[] } {
  const problems = [...twiceNamed(wanted), ...wanted.flatMap((each) => problemsOf(each, state))];
  const order = { sequence: 0, collection: 1, deployment: 2 } as const;
  const sorted = limitsFirst(wanted).toSorted((a, b) => order[a.kind] - order[b.kind]);
  return { changes: sorted.map((each) => changeOf(each, state)), problems };
}

function changeOf(wanted: WantedObject, state: ServerState): Change {
  switch (wanted.kind) {
    case 'sequence': {
      const now = state.sequences.get(key(wanted.name));
      if (now === undefined) return { wanted, action: 'create', differences: [] };
      return changed(wanted, lineDifferences(now.text, wanted.text));
    }
    case 'collection': {
      const now = state.collections.get(key(wanted.name));
      if (now === undefined) return { wanted, action: 'create', differences: [] };
      return changed(wanted, collectionDifferences(wanted, now));
    }
    case 'deployment': {
      const isThere = findDeployment(wanted, state) !== undefined;
      return { wanted, action: isThere ? 'none' : 'create', differences: [] };
    }
  }
}

function changed(wanted: WantedObject, differences: readonly Difference[]): Change {
  return { wanted, action: differences.length === 0 ? 'none' : 'change', differences };
}

/** The deployment that a file means: of this sequence to this collection. */
function findDeployment(
  wanted: DeploymentDocument,
  { deployments }: Pick<ServerState, 'deployments'>,
): DeploymentState | undefined {
  return deployments.findLast(
    ({ sequence, collection }) =>
      key(sequence) === key(wanted.sequence) && key(collection) === key(wanted.collection),
  );
}

function collectionDifferences(wanted: CollectionDocument, now: CollectionState): Difference[] {
  const rules = (of: Pick<CollectionDocument, 'rules'>) =>
    new Map(of.rules.map((rule): [string, string] => [ruleKey(rule), ruleText(rule)]));
  // Told as they are written, compared without case.
  const shown = new Map(
    [now.variables, wanted.variables]
      .flatMap(Object.keys)
      .map((name) => [`variables: ${key(name)}`, `variables: ${name}`]),
  );
  return [
    ...(now.builtIn ? [] : compare('limiting', key(now.limiting), key(wanted.limiting))),
    ...compare('precedence', String(now.precedence), String(wanted.precedence)),
    ...compareMaps('rules', rules(now), rules(wanted)),
    ...compareMaps('variables', byKey(now.variables), byKey(wanted.variables)).map(
      ({ path, ...rest }) => ({ path: shown.get(path) ?? path, ...rest }),
    ),
  ];
}

type Rule = CollectionDocument['rules'][number];

/** What tells a rule from others of its kind. */
export function ruleKey(rule: Rule): string {
  switch (rule.kind) {
    case 'query':
      return `query ${key(rule.name ?? rule.query)}`;
    case 'include':
    case 'exclude':
      return `${rule.kind} ${key(rule.collection)}`;
    case 'unknown-computer':
      return `${rule.kind} ${rule.architecture}`;
    case 'direct':
      return `direct ${key(rule.device)}`;
  }
}

function ruleText(rule: Rule): string {
  return rule.kind === 'query' ? rule.query.trim() : ruleKey(rule);
}

function compare(path: string, before: string, after: string): Difference[] {
  return before === after ? [] : [{ path, before, after }];
}

function compareMaps(
  path: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Difference[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys.flatMap((each) => {
    const [old = null, next = null] = [before.get(each), after.get(each)];
    return old === next ? [] : [{ path: `${path}: ${each}`, before: old, after: next }];
  });
}

/** Variables are the same whatever the case of their names. */
export function byKey(variables: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(variables).map(([name, value]) => [key(name), value]));
}

function problemsOf(wanted: WantedObject, state: ServerState): PlanProblem[] {
  switch (wanted.kind) {
    case 'sequence':
      return [];
    case 'collection':
      return missingSecrets(wanted, state);
    case 'deployment':
      return otherPurpose(wanted, state);
  }
}

/** What is offered is not turned into something else. */
function otherPurpose(
  wanted: Extract<WantedObject, { kind: 'deployment' }>,
  state: ServerState,
): PlanProblem[] {
  const now = findDeployment(wanted, state);
  if (now === undefined || now.purpose === wanted.purpose) return [];
  return [
    {
      file: wanted.file,
      code: 'apply.purpose',
      message: `"${wanted.sequence}" is deployed to "${wanted.collection}" as ${now.purpose}, not ${wanted.purpose}`,
      hint: `metalwright deployment withdraw ${now.id}, and apply again.`,
    },
  ];
}

function missingSecrets(
  wanted: Extract<WantedObject, { kind: 'collection' }>,
  state: ServerState,
): PlanProblem[] {
  const now = state.collections.get(key(wanted.name));
  const missing = wanted.secretVariables.filter(
    (name) => !(now?.secretVariables ?? []).some((has) => key(has) === key(name)),
  );
  return missing.map((name) => ({
    file: wanted.file,
    code: 'apply.secret',
    message: `The collection "${wanted.name}" has no secret variable ${name}`,
    hint: `Set it: metalwright variable set --collection "${wanted.name}" --secret ${name}`,
  }));
}

function twiceNamed(wanted: readonly WantedObject[]): PlanProblem[] {
  const files = Map.groupBy(wanted, (each) => `${each.kind} ${key(nameOf(each))}`);
  return [...files.values()].flatMap(([first, ...others]) =>
    others.map((other) => ({
      file: other.file,
      code: 'apply.twice',
      message: `The ${other.kind} "${nameOf(other)}" is in ${first?.file ?? ''} already`,
      hint: 'Each object has one file.',
    })),
  );
}

/** Collections after those that they are limited by, include or exclude; a circle stays as it is. */
function limitsFirst(wanted: readonly WantedObject[]): WantedObject[] {
  const byName = new Map(
    wanted.flatMap((each) => (each.kind === 'collection' ? [[key(each.name), each] as const] : [])),
  );
  const ordered = new Set<WantedObject>();
  const begun = new Set<WantedObject>();
  const add = (each: WantedObject): void => {
    if (begun.has(each)) return;
    begun.add(each);
    if (each.kind === 'collection')
      for (const name of [each.limiting, ...each.rules.flatMap(collectionIn)]) {
        const other = byName.get(key(name));
        if (other !== undefined) add(other);
      }
    ordered.add(each);
  };
  for (const each of wanted) add(each);
  return [...ordered];
}

function collectionIn(rule: Rule): string[] {
  return rule.kind === 'include' || rule.kind === 'exclude' ? [rule.collection] : [];
}

/** Names are the same whatever their case. */
export function key(name: string): string {
  return name.trim().toLowerCase();
}

import { Readable } from 'node:stream';
import { z } from 'zod';
import { MachineArchitecture } from '#agent/protocol/identity.ts';
import type { CollectionDocument, SequenceFile, WantedObject } from '../apply/document.ts';
import {
  byKey,
  type Change,
  type CollectionState,
  key,
  ruleKey,
  type ServerState,
} from '../apply/plan.ts';
import { CollectionView, DeploymentView } from '../http/api.ts';
import { CollectionDetail, MembersPage, type RuleView } from '../http/api-collections.ts';
import { SequenceBatchAnswer, SequenceDetail, SequenceView } from '../http/api-sequences.ts';
import { VariableView } from '../http/api-variables.ts';
import type { ApiClient } from './api-client.ts';

/** Members of a collection that are asked for at once. */
const PAGE = 1000;

/** Asks the server for all that the files name, and for nothing else of it. */
export async function readState(
  api: ApiClient,
  wanted: readonly WantedObject[],
): Promise<ServerState> {
  const named = (kind: WantedObject['kind']) =>
    new Set(
      wanted.flatMap((each) => (each.kind === kind && 'name' in each ? [key(each.name)] : [])),
    );
  const sequences = new Map<string, { version: number; text: string }>();
  const wantedSequences = named('sequence');
  for (const { id, name } of await api.call('GET', '/sequences', z.array(SequenceView)))
    if (wantedSequences.has(key(name))) {
      const { version, text } = await api.call('GET', `/sequences/${id}`, SequenceDetail);
      sequences.set(key(name), { version, text });
    }
  const all = await api.call('GET', '/collections', z.array(CollectionView));
  const collections = new Map<string, CollectionState>();
  const wantedCollections = named('collection');
  for (const view of all)
    if (wantedCollections.has(key(view.name)))
      collections.set(key(view.name), await readCollection(api, view, all));
  const deployments = await api.call('GET', '/deployments', z.array(DeploymentView));
  return {
    sequences,
    collections,
    deployments: deployments
      .filter(({ withdrawn }) => !withdrawn)
      .map(({ id, sequence, collection, purpose }) => ({
        id,
        sequence: sequence.name,
        collection: collection.name,
        purpose,
      })),
  };
}

async function readCollection(
  api: ApiClient,
  { id }: CollectionView,
  all: readonly CollectionView[],
): Promise<CollectionState> {
  const detail = await api.call('GET', `/collections/${id}`, CollectionDetail);
  const limiting = all.find((each) => each.id === detail.limitingCollection)?.name ?? '';
  const plain = detail.variables.filter(({ secret }) => !secret);
  return {
    id,
    builtIn: detail.builtIn,
    limiting,
    precedence: detail.precedence,
    rules: [
      ...detail.rules.map((rule) => ruleOf(rule)),
      ...(detail.directRules === 0 ? [] : await directRules(api, id)),
    ],
    variables: Object.fromEntries(plain.map(({ name, value }) => [name, value])),
    secretVariables: detail.variables.filter(({ secret }) => secret).map(({ name }) => name),
  };
}

function ruleOf({ kind, name, query }: RuleView): CollectionDocument['rules'][number] {
  switch (kind) {
    case 'query':
      return { kind, name, query: query ?? '' };
    case 'include':
    case 'exclude':
      return { kind, collection: name };
    case 'unknown-computer':
      return { kind, architecture: MachineArchitecture.parse(name) };
  }
}

async function directRules(
  api: ApiClient,
  id: string,
): Promise<{ kind: 'direct'; device: string }[]> {
  const rules: { kind: 'direct'; device: string }[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const path = `/collections/${id}/members?limit=${PAGE}&after=${encodeURIComponent(after)}`;
    const page: MembersPage = await api.call('GET', path, MembersPage);
    for (const { name, direct } of page.members)
      if (direct) rules.push({ kind: 'direct', device: name });
    after = page.next;
  }
  return rules;
}

/**
 * Does what the plan says: all task sequences together or none, then one object after the other. What was
 * done is there when a later one is refused; applied again, it goes on from there.
 */
export async function applyChanges(
  api: ApiClient,
  changes: readonly Change[],
  state: ServerState,
): Promise<void> {
  const todo = changes.filter(({ action }) => action !== 'none');
  await storeSequences(
    api,
    todo.flatMap(({ wanted }) => (wanted.kind === 'sequence' ? [wanted] : [])),
    state,
  );
  for (const { wanted } of todo) {
    if (wanted.kind === 'collection')
      await putCollection(api, wanted, state.collections.get(key(wanted.name)));
    if (wanted.kind === 'deployment') await postDeployment(api, wanted);
  }
}

async function storeSequences(
  api: ApiClient,
  files: readonly SequenceFile[],
  state: ServerState,
): Promise<void> {
  if (files.length === 0) return;
  const sequences = files.map(({ name, text, format }) => ({
    text,
    format,
    as: 'ready',
    // Who changed it meanwhile is not overwritten.
    baseVersion: state.sequences.get(key(name))?.version ?? 0,
  }));
  const bytes = Buffer.from(JSON.stringify({ packages: [], sequences }));
  await api.call('POST', '/sequences/batch', SequenceBatchAnswer, {
    stream: Readable.from([bytes]),
    sizeBytes: bytes.length,
  });
}

async function putCollection(
  api: ApiClient,
  wanted: CollectionDocument,
  now: CollectionState | undefined,
): Promise<void> {
  const { name, limiting, precedence, rules } = wanted;
  const made =
    now ??
    (await api.call('POST', '/collections', CollectionView, {
      json: { name, limitingCollection: limiting, rules },
    }));
  const path = `/collections/${made.id}`;
  if (precedence !== made.precedence || (now !== undefined && key(now.limiting) !== key(limiting)))
    await api.call('PUT', path, CollectionView, {
      json: { precedence, ...(now?.builtIn === true ? {} : { limitingCollection: limiting }) },
    });
  if (now !== undefined) await changeRules(api, path, { wanted, now });
  await changeVariables(api, path, wanted.variables, now?.variables ?? {});
}

async function changeRules(
  api: ApiClient,
  path: string,
  { wanted, now }: { readonly wanted: CollectionDocument; readonly now: CollectionState },
): Promise<void> {
  const text = (rule: CollectionDocument['rules'][number]) =>
    `${ruleKey(rule)}: ${rule.kind === 'query' ? rule.query.trim() : ''}`;
  const old = new Map(now.rules.map((rule) => [text(rule), rule]));
  const next = new Map(wanted.rules.map((rule) => [text(rule), rule]));
  const add = [...next].filter(([each]) => !old.has(each)).map(([, rule]) => rule);
  const remove = [...old]
    .filter(([each]) => !next.has(each))
    .map(([, rule]) => ({ kind: rule.kind, name: ruleName(rule) }));
  if (add.length + remove.length === 0) return;
  await api.call('POST', `${path}/rules`, z.unknown(), { json: { add, remove } });
}

function ruleName(rule: CollectionDocument['rules'][number]): string {
  switch (rule.kind) {
    case 'query':
      return rule.name ?? rule.query;
    case 'include':
    case 'exclude':
      return rule.collection;
    case 'unknown-computer':
      return rule.architecture;
    case 'direct':
      return rule.device;
  }
}

async function changeVariables(
  api: ApiClient,
  path: string,
  wanted: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): Promise<void> {
  const at = (name: string) => `${path}/variables/${encodeURIComponent(name)}`;
  const [before, after] = [byKey(now), byKey(wanted)];
  for (const [name, value] of Object.entries(wanted))
    if (before.get(key(name)) !== value)
      await api.call('PUT', at(name), VariableView, { json: { value } });
  for (const name of Object.keys(now))
    if (!after.has(key(name))) await api.call('DELETE', at(name), z.null());
}

async function postDeployment(
  api: ApiClient,
  { kind: _kind, file: _file, ...json }: Extract<WantedObject, { kind: 'deployment' }>,
): Promise<void> {
  await api.call('POST', '/deployments', DeploymentView, { json });
}

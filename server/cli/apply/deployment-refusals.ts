import { formatTaskSequence } from '#agent/sequence/format.ts';
import { steps } from '#agent/steps/index.ts';
import type { DeploymentView } from '../../http/api.ts';
import { type DeploymentsCheck, DeploymentsChecked } from '../../http/api-deployment-check.ts';
import { DeploymentSettings } from '../../inventory/deployment-settings.ts';
import { outlineOf } from '../../inventory/sequence-outline.ts';
import { readSequenceText } from '../../sequence-text.ts';
import type { ApiClient } from '../api-client.ts';
import type { CollectionDocument } from './collection.ts';
import type { DeploymentDocument } from './deployment.ts';
import type { KindRun, PlanProblem, Put } from './kind.ts';
import type { SequenceFile } from './sequence.ts';

/** Deployments that the server looks at in one go. */
const AT_ONCE = 1000;

/** What is made or changed before deployments are. */
export interface BeforeDeployments {
  readonly sequences: Pick<KindRun<SequenceFile>, 'changes'>;
  readonly collections: Pick<KindRun<CollectionDocument>, 'changes'>;
}

/**
 * Asks the server which deployments it would refuse once the folder's task sequences and collections are there: new
 * ones for their size, for warnings that are not accepted, for what they are aimed at; changed ones for their settings.
 */
export async function refusalsOf(
  all: readonly Put<DeploymentDocument, DeploymentView>[],
  api: ApiClient,
  { sequences, collections }: BeforeDeployments,
): Promise<ReadonlyMap<DeploymentDocument, readonly Omit<PlanProblem, 'file'>[]>> {
  const refusals = new Map<DeploymentDocument, readonly Omit<PlanProblem, 'file'>[]>();
  const toCome = {
    sequences: all.length === 0 ? [] : sequences.changes().map(sequenceToCome),
    collections: collections
      .changes()
      .map(({ name, limiting, rules }) => ({ name, limitingCollection: limiting, rules })),
  };
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE);
    const json = { deployments: some.map(wishOf), ...toCome };
    const answers = await api.call('POST', '/deployments/check', DeploymentsChecked, { json });
    for (const [index, { document }] of some.entries()) {
      const problems = answers[index]?.refusals.map((each) => problemOf(document, each));
      if (problems !== undefined) refusals.set(document, problems);
    }
  }
  return refusals;
}

function wishOf({
  document: { kind: _kind, ...wish },
  now,
}: Put<DeploymentDocument, DeploymentView>): DeploymentsCheck['deployments'][number] {
  if (now === undefined) return wish;
  return { ...wish, settings: DeploymentSettings.parse(wish.settings), changes: now.id };
}

function problemOf(
  { sequence, collection, accepts = [] }: DeploymentDocument,
  { code, message, hint, problems = [] }: DeploymentsChecked[number]['refusals'][number],
): Omit<PlanProblem, 'file'> {
  const all = [...accepts, ...problems.map((problem) => problem.code)].join(', ');
  const hints: Readonly<Record<string, string>> = {
    'deployment.unhide': 'Deploy to a smaller collection, or say that it is meant: unhide: true.',
    'deployment.warnings': `Say that it is meant: accepts: [${all}].`,
  };
  return {
    code,
    message: `"${sequence}" to "${collection}": ${message}`,
    hint: hints[code] ?? hint ?? 'docs/deployments.md says what is refused, and why.',
  };
}

function sequenceToCome({ name, text }: SequenceFile) {
  const { sequence } = readSequenceText(text, steps);
  const { risky, upgrades, children } = outlineOf(JSON.stringify(formatTaskSequence(sequence)));
  return {
    name,
    risky: [...risky],
    upgrades,
    runs: children.map(({ reference }) => reference),
  };
}

import { formatTaskSequence } from '#agent/sequence/format.ts';
import { steps } from '#agent/steps/index.ts';
import type { DeploymentView } from '../../http/api.ts';
import { type DeploymentsCheck, DeploymentsChecked } from '../../http/api-deployment-check.ts';
import { outlineOf } from '../../inventory/sequence-outline.ts';
import { readSequenceText } from '../../sequence-text.ts';
import type { ApiClient } from '../api-client.ts';
import { CliError } from '../cli-error.ts';
import type { CollectionDocument } from './collection.ts';
import type { DeploymentDocument } from './deployment.ts';
import type { KindRun, PlanProblem, Put } from './kind.ts';
import type { SequenceFile } from './sequence.ts';

/** Deployments that the server looks at in one go. */
const AT_ONCE = 1000;
/** Whoever only reads may compare, but not ask: the server then decides when its turn comes. */
const onlyReads: ReadonlySet<string> = new Set(['session.role', 'token.scope']);

/** What is made or changed before deployments are. */
export interface BeforeDeployments {
  readonly sequences: Pick<KindRun<SequenceFile>, 'changes'>;
  readonly collections: Pick<KindRun<CollectionDocument>, 'changes'>;
}

/**
 * Asks the server which new deployments it would refuse once the folder's task sequences and collections are
 * there: for their size, for warnings that are not accepted, for what they are aimed at.
 */
export async function refusalsOf(
  all: readonly Put<DeploymentDocument, DeploymentView>[],
  api: ApiClient,
  { sequences, collections }: BeforeDeployments,
): Promise<ReadonlyMap<DeploymentDocument, readonly Omit<PlanProblem, 'file'>[]>> {
  const made = all.flatMap(({ document, now }) => (now === undefined ? [document] : []));
  const refusals = new Map<DeploymentDocument, readonly Omit<PlanProblem, 'file'>[]>();
  const toCome = {
    sequences: made.length === 0 ? [] : sequences.changes().map(sequenceToCome),
    collections: collections
      .changes()
      .map(({ name, limiting, rules }) => ({ name, limitingCollection: limiting, rules })),
  };
  for (let at = 0; at < made.length; at += AT_ONCE) {
    const some = made.slice(at, at + AT_ONCE);
    const deployments = some.map(({ kind: _kind, ...wish }) => wish);
    const answers = await ask(api, { deployments, ...toCome });
    for (const [index, document] of some.entries()) {
      const problems = answers[index]?.refusals.map((each) => problemOf(document, each));
      if (problems !== undefined) refusals.set(document, problems);
    }
  }
  return refusals;
}

async function ask(api: ApiClient, json: DeploymentsCheck): Promise<DeploymentsChecked> {
  try {
    return await api.call('POST', '/deployments/check', DeploymentsChecked, { json });
  } catch (error) {
    if (error instanceof CliError && onlyReads.has(error.code)) return [];
    throw error;
  }
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

import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { RunEvent } from '#agent/protocol/run-event.ts';
import { PinnedGrant } from './pinned-grant.ts';
import type { Tables } from './tables.ts';

/** Only what finds a step by its id: the agent has judged the pinned document when it was granted. */
const Node = z.object({
  type: z.string().optional(),
  get steps() {
    return z.array(Node).optional();
  },
});

/** What a grant is read for. */
const Pinned = PinnedGrant.pick({ documentJson: true });
const StepIds = z.array(z.string());

/** What is kept with a run of its pinned document, so that its events need not read it. */
export function formatSetupSteps(documentJson: string): string {
  return JSON.stringify(setupStepsIn(Node.parse(JSON.parse(documentJson)), ''));
}

/** Tells the steps of the pinned document that set Windows up. */
export async function setupSteps(
  db: Kysely<Tables>,
  run: Pick<Tables['runs'], 'run_id' | 'setup_steps'>,
  events: readonly RunEvent[],
): Promise<(stepId: string) => boolean> {
  if (!events.some(({ fact }) => fact.kind === 'step-finished' && fact.succeeded))
    return () => false;
  const kept = run.setup_steps === '' ? await keepSetupSteps(db, run.run_id) : run.setup_steps;
  const steps = new Set(StepIds.parse(JSON.parse(kept)));
  return (stepId) => steps.has(stepId);
}

/** Makes it of the grant, for a run of a server that did not keep it. */
async function keepSetupSteps(db: Kysely<Tables>, runId: string): Promise<string> {
  const { grant_json } = await db
    .selectFrom('runs')
    .select('grant_json')
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  const setup_steps = formatSetupSteps(Pinned.parse(JSON.parse(grant_json)).documentJson);
  await db.updateTable('runs').set({ setup_steps }).where('run_id', '=', runId).execute();
  return setup_steps;
}

/** Ids of steps below a node: their paths in the document. */
function setupStepsIn(node: z.infer<typeof Node>, path: string): string[] {
  return [
    ...(node.type === 'setup-windows' ? [path] : []),
    ...(node.steps ?? []).flatMap((step, place) =>
      setupStepsIn(step, path === '' ? String(place) : `${path}/${place}`),
    ),
  ];
}

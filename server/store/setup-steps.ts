import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { RunId } from '#agent/protocol/identity.ts';
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

/** Steps of the runs that were asked about last, by run: a pinned document never changes. */
const known = new WeakMap<Kysely<Tables>, Map<RunId, ReadonlySet<string>>>();
const KNOWN_RUNS = 5000;

/** Tells the steps of the pinned document that set Windows up; it is read only where one may be meant. */
export async function setupSteps(
  db: Kysely<Tables>,
  id: RunId,
  events: readonly RunEvent[],
): Promise<(stepId: string) => boolean> {
  if (!events.some(({ fact }) => fact.kind === 'step-finished' && fact.succeeded))
    return () => false;
  const ofRuns = known.get(db) ?? new Map<RunId, ReadonlySet<string>>();
  known.set(db, ofRuns);
  const steps = ofRuns.get(id) ?? (await readSetupSteps(db, id));
  if (ofRuns.size >= KNOWN_RUNS) ofRuns.clear();
  ofRuns.set(id, steps);
  return (stepId) => steps.has(stepId);
}

async function readSetupSteps(db: Kysely<Tables>, id: RunId): Promise<ReadonlySet<string>> {
  const { grant_json } = await db
    .selectFrom('runs')
    .select('grant_json')
    .where('run_id', '=', id)
    .executeTakeFirstOrThrow();
  const { documentJson } = Pinned.parse(JSON.parse(grant_json));
  return new Set(setupStepsIn(Node.parse(JSON.parse(documentJson)), ''));
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

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

/** Tells the steps of the pinned document that set Windows up; it is read only where one may be meant. */
export async function setupSteps(
  db: Kysely<Tables>,
  id: RunId,
  events: readonly RunEvent[],
): Promise<(stepId: string) => boolean> {
  if (!events.some(({ fact }) => fact.kind === 'step-finished' && fact.succeeded))
    return () => false;
  const { grant_json } = await db
    .selectFrom('runs')
    .select('grant_json')
    .where('run_id', '=', id)
    .executeTakeFirstOrThrow();
  const { documentJson } = PinnedGrant.pick({ documentJson: true }).parse(JSON.parse(grant_json));
  const root: z.infer<typeof Node> = Node.parse(JSON.parse(documentJson));
  return (stepId) => {
    let node: z.infer<typeof Node> | undefined = root;
    for (const place of stepId.split('/')) node = node?.steps?.[Number(place)];
    return node?.type === 'setup-windows';
  };
}

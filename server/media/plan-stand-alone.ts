import { Sha256 } from '#agent/protocol/identity.ts';
import type { MediaPlan } from '#media/build/lay-files.ts';
import { MediaError } from '#media/media-error.ts';
import type { ContentStore } from '../content/store.ts';
import type { MediaCreate } from '../http/api-media.ts';
import type { Store } from '../store/operations.ts';
import type { StandAlonePlan } from '../store/stand-alone.ts';

/** What stand-alone media hold beside Linux PE. */
export interface StandAloneParts
  extends Pick<StandAlonePlan, 'sequence' | 'packages' | 'warnings'> {
  /** A `StandAloneGrant`. */
  readonly grant: unknown;
  readonly objects: MediaPlan['objects'];
}

/**
 * Resolves a task sequence for media that hold its content.
 * @throws {MediaError} `media.no-sequence`, `media.refused`; {StoreError} `sequence.not-found`; {ContentError}
 */
export async function planStandAlone(
  {
    store,
    content,
  }: {
    readonly store: Pick<Store, 'sequences' | 'standAlone'>;
    readonly content: Pick<ContentStore, 'file'>;
  },
  { sequence: wanted, unattended, password }: MediaCreate,
): Promise<StandAloneParts> {
  const head = wanted === undefined ? null : await store.sequences.head(wanted);
  if (head === null)
    throw new MediaError(
      'media.no-sequence',
      wanted === undefined
        ? 'The media hold the content of one task sequence, and none is named'
        : `There is no task sequence ${wanted}`,
      { hint: 'metalwright sequence list shows those there are; --sequence names one.' },
    );
  const plan = await store.standAlone.plan(head.id);
  const [first] = plan.refusals;
  if (first !== undefined) {
    const more = plan.refusals.length === 1 ? '' : ` (and ${plan.refusals.length - 1} more)`;
    throw new MediaError('media.refused', `${first.message} (${first.code})${more}`, {
      hint: 'Correct the task sequence, or let the step continue on error.',
    });
  }
  const objects = await Promise.all(
    plan.objects.map(async ({ sha256, sizeBytes }) => ({
      sha256,
      sizeBytes,
      file: (await content.file(Sha256.parse(sha256))).path,
    })),
  );
  const { sequence, packages } = plan;
  const secretless = plan.warnings.filter(
    ({ code }) => code !== 'media.secret-document' || password === undefined,
  );
  return {
    grant: { ...JSON.parse(plan.grantJson), unattended },
    objects,
    sequence,
    packages,
    warnings: secretless,
  };
}

import type { Kysely } from 'kysely';
import { type CollectionId, DeploymentId, type DeviceId } from '#agent/protocol/identity.ts';
import { collections } from './collections.ts';
import type { Tables } from './tables.ts';

const NAME_KEY = 'smstspreferredadvertid';

/**
 * Finds the deployment that a device is told to start by its variable `SMSTSPreferredAdvertID`, or that of its
 * collections, by the precedence of variables; read once for many devices.
 */
export async function preferredFinder(
  db: Kysely<Tables>,
): Promise<(device: DeviceId, memberOf: ReadonlySet<CollectionId>) => DeploymentId | null> {
  const rows = await db
    .selectFrom('variables')
    .select(['owner_kind', 'owner_id', 'value'])
    .where('name_key', '=', NAME_KEY)
    .where('secret', '=', 0)
    .execute();
  if (rows.length === 0) return () => null;
  const precedence = new Map<string, number>(
    (await collections.list(db)).map(({ id, precedence }) => [id, precedence]),
  );
  const ofDevices = new Map<string, string>();
  const ofCollections: { id: string; value: string }[] = [];
  for (const { owner_kind: kind, owner_id: id, value } of rows)
    if (kind === 'device') ofDevices.set(id, value);
    else ofCollections.push({ id, value });
  const rank = (id: string) => precedence.get(id) ?? 0;
  ofCollections.sort((a, b) => rank(b.id) - rank(a.id) || (a.id < b.id ? 1 : -1));
  return (device, memberOf) => {
    const members: ReadonlySet<string> = memberOf;
    const value =
      ofDevices.get(device) ?? ofCollections.find(({ id }) => members.has(id))?.value ?? '';
    return DeploymentId.safeParse(value.trim()).data ?? null;
  };
}

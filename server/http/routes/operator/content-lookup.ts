import type { BoundaryGroup, DistributionPoint } from '../../../inventory/content-sources.ts';
import type { OperatorServices } from '../../services.ts';
import { notFound } from './not-found.ts';

type Store = OperatorServices['store'];

/** A distribution point by id or name without case. @throws {HttpError} 404 with the names there are */
export async function findPoint(store: Store, wanted: string): Promise<DistributionPoint> {
  const found = await store.distributionPoints.find(wanted);
  if (found !== null) return found;
  const names = (await store.distributionPoints.list()).map(({ name }) => name);
  throw notFound(wanted, { what: 'distribution point', code: 'distribution-point', names });
}

/** A boundary group by id or name without case. @throws {HttpError} 404 with the names there are */
export async function findGroup(store: Store, wanted: string): Promise<BoundaryGroup> {
  const all = await store.boundaryGroups.list();
  const key = wanted.trim().toLowerCase();
  const found =
    all.find(({ id }) => id.toLowerCase() === key) ??
    all.find(({ name }) => name.trim().toLowerCase() === key);
  if (found !== undefined) return found;
  const names = all.map(({ name }) => name);
  throw notFound(wanted, { what: 'boundary group', code: 'boundary-group', names });
}

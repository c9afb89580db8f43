import { DeploymentId, DeviceId } from '#agent/protocol/identity.ts';
import type { NetbootReport } from './netboot/snapshot.ts';
import type { Store } from './store/operations.ts';

/** A machine that boots is answered several times within seconds: one is kept. */
const AGAIN_MS = 60_000;
const MAX_KEPT = 10_000;

/** Keeps when a deployment was last offered to a device by PXE; answers each report at once. */
export function noteOffers(
  store: { readonly deployments: Pick<Store['deployments'], 'noteOffer'> },
  onError: (error: unknown) => void,
): (report: NetbootReport) => void {
  const kept = new Map<string, number>();
  return (report) => {
    if (report.kind !== 'decision' || report.offer === undefined) return;
    const { atMs, offer } = report;
    const key = `${offer.deviceId} ${offer.deploymentId}`;
    if (atMs - (kept.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    kept.delete(key);
    const [oldest] = kept.keys();
    if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.set(key, atMs);
    const device = DeviceId.parse(offer.deviceId);
    const deployment = DeploymentId.parse(offer.deploymentId);
    store.deployments.noteOffer({ device, deployment, atMs }).catch(onError);
  };
}

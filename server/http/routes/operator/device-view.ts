import type { CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import { builtInCollectionsOf, type Collection } from '../../../inventory/collection.ts';
import type { Device } from '../../../inventory/device.ts';
import { isOpen, type Run } from '../../../inventory/run.ts';
import type { DeviceView } from '../../api.ts';
import type { LiveState, OperatorServices } from '../../services.ts';

/** What is needed to show devices; read once for all of them. */
export interface DeviceContext {
  readonly collections: readonly Collection[];
  /** Custom collections of the devices that are to be shown. */
  readonly memberOf: ReadonlyMap<DeviceId, readonly CollectionId[]>;
  readonly runs: readonly Run[];
  readonly live: LiveState;
}

/** Reads what is needed to show these devices. */
export async function deviceContext(
  { store, live }: OperatorServices,
  devices: readonly Device[],
): Promise<DeviceContext> {
  const [collections, memberOf, runs] = await Promise.all([
    store.collections.list(),
    store.memberships.ofDevices(devices.map(({ id }) => id)),
    store.runs.list(),
  ]);
  return { collections, memberOf, runs, live };
}

/** A device as operators see it. */
export function toDeviceView(device: Device, context: DeviceContext): DeviceView {
  const memberOf = new Set([
    ...builtInCollectionsOf(device),
    ...(context.memberOf.get(device.id) ?? []),
  ]);
  const names = context.collections.filter(({ id }) => memberOf.has(id)).map(({ name }) => name);
  const decision = context.live.lastDecision(device.macAddresses, device.smbiosGuid);
  const openRun = context.runs.find((run) => run.deviceId === device.id && isOpen(run));
  return {
    id: device.id,
    name: device.name,
    state: device.state,
    smbiosGuid: device.smbiosGuid,
    macAddresses: [...device.macAddresses],
    serialNumber: device.serialNumber,
    assetTag: device.assetTag,
    manufacturer: device.manufacturer,
    model: device.model,
    architecture: device.architecture,
    firmware: device.firmware,
    unclaimedDevices: [...device.unclaimedDevices],
    collections: names,
    notes: device.notes,
    seenAt: device.seenAt,
    createdMs: device.createdMs,
    lastSeenMs: device.lastSeenMs,
    lastBootDecision: decision === null ? null : `${decision.outcome}: ${decision.reason}`,
    refusal: context.live.refusal(device.id),
    openRun: openRun?.id ?? null,
  };
}

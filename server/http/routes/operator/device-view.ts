import { type Collection, collectionsOf, type DirectRules } from '../../../inventory/collection.ts';
import type { Device } from '../../../inventory/device.ts';
import { isOpen, type Run } from '../../../inventory/run.ts';
import type { DeviceView } from '../../api.ts';
import type { LiveState, OperatorServices } from '../../services.ts';

/** What is needed to show devices; read once for all of them. */
export interface DeviceContext {
  readonly collections: readonly Collection[];
  readonly rules: DirectRules;
  readonly runs: readonly Run[];
  readonly live: LiveState;
}

/** Reads what is needed to show devices. */
export async function deviceContext({ store, live }: OperatorServices): Promise<DeviceContext> {
  const [collections, rules, runs] = await Promise.all([
    store.collections.list(),
    store.collections.rules(),
    store.runs.list(),
  ]);
  return { collections, rules, runs, live };
}

/** A device as operators see it. */
export function toDeviceView(device: Device, context: DeviceContext): DeviceView {
  const memberOf = collectionsOf(device, context.collections, context.rules);
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
    lastSeenMs: device.lastSeenMs,
    lastBootDecision: decision === null ? null : `${decision.outcome}: ${decision.reason}`,
    refusal: context.live.refusal(device.id),
    openRun: openRun?.id ?? null,
  };
}

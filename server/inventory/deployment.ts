import type { CollectionId, DeploymentId, SequenceId } from '#agent/protocol/identity.ts';
import type { PasswordHash } from '#agent/protocol/password-hash.ts';
import { ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS, type Collection } from './collection.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import { InventoryError } from './error.ts';
import type { SeenAt } from './seen-at.ts';
import { isInSubnet, parseSubnet } from './subnet.ts';

/** A port of a switch, as relays and switches name it in option 82. */
interface SwitchPort {
  /** Circuit id. */
  readonly port: string;
  /** Remote id; null: on any switch. */
  readonly switchId: string | null;
}

/**
 * Limits of a required deployment to All Unknown Computers (M17), enforced at each grant. The machine is in one of
 * the subnets, at one of the ports, or was heard on one of the interfaces.
 */
export interface UnknownScope {
  /** `10.0.0.0/24`: the agent's address lies in it. */
  readonly subnets: readonly string[];
  readonly ports?: readonly SwitchPort[] | undefined;
  /** Of this server. */
  readonly interfaces?: readonly string[] | undefined;
  readonly endsMs: number;
  /** Runs granted in any 60 minutes. */
  readonly perHour: number;
}

/** A task sequence aimed at a collection. */
export interface Deployment {
  readonly id: DeploymentId;
  readonly sequenceId: SequenceId;
  readonly collectionId: CollectionId;
  readonly purpose: 'available' | 'required';
  readonly scope: UnknownScope | null;
  readonly settings: DeploymentSettings;
  /** What opens a command prompt in Windows PE; null: nothing does. */
  readonly commandPrompt: PasswordHash | null;
  readonly withdrawnMs: number | null;
  readonly createdMs: number;
}

/**
 * Rules for making a deployment (M16-M18).
 *
 * @throws {InventoryError} `deployment.all-systems`, `deployment.unknown-unconfirmed`,
 *   `deployment.scope`
 */
export function checkNewDeployment(
  wish: Pick<Deployment, 'collectionId' | 'purpose' | 'scope'>,
  nowMs: number,
): void {
  const { collectionId, purpose, scope } = wish;
  if (purpose === 'required' && collectionId === ALL_SYSTEMS)
    throw new InventoryError(
      'deployment.all-systems',
      'A required deployment to All Systems would reinstall every machine of the site',
      { hint: 'Make a collection with the machines that are meant, or deploy it as available.' },
    );
  if (purpose === 'required' && collectionId === ALL_UNKNOWN_COMPUTERS && scope === null)
    throw new InventoryError(
      'deployment.unknown-unconfirmed',
      'A required deployment to All Unknown Computers reinstalls any machine that boots from the network',
      {
        hint: 'Confirm it with subnets or ports, an end time and a cap per hour (confirmUnknown).',
      },
    );
  if (scope === null) return;
  if (placesOf(scope).length === 0)
    throw new InventoryError('deployment.scope', 'The confirmation names no place', {
      hint: 'Name subnets, switch ports, or interfaces of this server.',
    });
  for (const subnet of scope.subnets)
    if (parseSubnet(subnet) === undefined)
      throw new InventoryError('deployment.scope', `"${subnet}" is no IPv4 subnet`, {
        hint: 'Write it as address/bits, like 10.0.0.0/24.',
      });
  if (scope.endsMs <= nowMs)
    throw new InventoryError('deployment.scope', 'The end time of the deployment has passed');
}

/**
 * Rules for what a deployment is aimed at: devices (M16), and unknown machines only with the limits that
 * All Unknown Computers asks for (M17).
 *
 * @param reachesUnknown collections that unknown machines get into without being named
 * @throws {InventoryError} `deployment.user-collection`, `deployment.reaches-unknown`
 */
export function checkTarget(
  { purpose }: Pick<Deployment, 'purpose'>,
  { id, name, kind }: Pick<Collection, 'id' | 'name' | 'kind'>,
  reachesUnknown: ReadonlySet<CollectionId>,
): void {
  if (kind === 'user')
    throw new InventoryError(
      'deployment.user-collection',
      `"${name}" is a collection of users, and a task sequence is deployed to devices`,
      { hint: 'Name a collection of devices: metalwright collection list shows which those are.' },
    );
  if (purpose === 'required' && id !== ALL_UNKNOWN_COMPUTERS && reachesUnknown.has(id))
    throw new InventoryError(
      'deployment.reaches-unknown',
      `Unknown machines are members of "${name}" by its rules: a required deployment would reinstall each that boots from the network`,
      {
        hint: 'Deploy to All Unknown Computers with its limits, or take the rules that let unknown machines in out of it.',
      },
    );
}

/** Why a scoped deployment cannot start now; `retry` when waiting helps. Undefined: it can. */
export function refusedByScope(
  scope: UnknownScope,
  at: {
    /** Null where the machine has no address yet (PXE): the place is then not asked. */
    readonly remoteAddress: string | null;
    readonly seenAt: SeenAt | null;
    readonly nowMs: number;
    readonly grantedLastHour: number;
  },
): { readonly code: string; readonly reason: string; readonly retry: boolean } | undefined {
  if (at.nowMs >= scope.endsMs)
    return {
      code: 'deployment.ended',
      reason: 'Its end time for unknown computers has passed',
      retry: false,
    };
  if (at.remoteAddress !== null && !isAtPlace(scope, at.remoteAddress, at.seenAt))
    return {
      code: 'deployment.subnet',
      reason: `This machine, with the address ${at.remoteAddress}${atPort(at.seenAt)}, is at none of its places (${placesOf(scope).join(', ')})`,
      retry: false,
    };
  if (at.grantedLastHour >= scope.perHour)
    return {
      code: 'deployment.cap',
      reason: `Its cap of ${scope.perHour} unknown computers an hour is reached`,
      retry: true,
    };
  return undefined;
}

function isAtPlace(
  { subnets, ports = [], interfaces = [] }: UnknownScope,
  address: string,
  seenAt: SeenAt | null,
): boolean {
  const inSubnet = subnets.some((text) => {
    const subnet = parseSubnet(text);
    return subnet !== undefined && isInSubnet(address, subnet);
  });
  if (inSubnet || seenAt === null) return inSubnet;
  return (
    interfaces.some((name) => name === seenAt.interfaceName) ||
    ports.some(
      ({ port, switchId }) =>
        port === seenAt.port && (switchId === null || switchId === seenAt.switchId),
    )
  );
}

function placesOf({ subnets, ports = [], interfaces = [] }: UnknownScope): string[] {
  return [
    ...subnets,
    ...ports.map(
      ({ port, switchId }) => `port ${port}${switchId === null ? '' : ` of ${switchId}`}`,
    ),
    ...interfaces.map((name) => `interface ${name}`),
  ];
}

function atPort(seenAt: SeenAt | null): string {
  return seenAt?.port == null ? '' : ` at port ${seenAt.port}`;
}

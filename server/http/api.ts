import { z } from 'zod';
import { ImageFacts } from '#agent/protocol/content.ts';
import {
  CollectionId,
  DeploymentId,
  DeviceId,
  MacAddress,
  MachineArchitecture,
  PackageId,
  RunId,
  SequenceId,
  SmbiosGuid,
} from '#agent/protocol/identity.ts';
import { LEAST_PASSWORD_CHARACTERS } from '#agent/protocol/password-hash.ts';
import { Progress, RunError, RunEvent } from '#agent/protocol/run-event.ts';
import { ClientRules, ResponseDelaySeconds } from '../inventory/answer-lists.ts';
import { DeploymentSettings, DeploymentSettingsChange } from '../inventory/deployment-settings.ts';
import { riskWarnings } from '../inventory/high-risk.ts';
import { LikelyCause } from '../inventory/likely-cause.ts';
import { SeenAt } from '../inventory/seen-at.ts';
import { WindowsSetupLostMinutes } from '../inventory/windows-setup-phase.ts';

/**
 * The operators' API: what the console and the `metalwright` command speak, under `/api/v1` of the
 * console listener. Times are milliseconds since 1970. Errors are `ErrorBody`.
 */
export const DeviceView = z.object({
  id: DeviceId,
  name: z.string(),
  /** `waiting`: unknown and not approved; `ignored`: refused by an operator. */
  state: z.enum(['waiting', 'approved', 'known', 'ignored']),
  smbiosGuid: SmbiosGuid.nullable(),
  macAddresses: z.array(MacAddress),
  serialNumber: z.string().nullable(),
  assetTag: z.string().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  architecture: z.string().nullable(),
  firmware: z.string().nullable(),
  /** Devices without a driver in the boot environment, `8086:15f3 (020000)`. */
  unclaimedDevices: z.array(z.string()),
  collections: z.array(z.string()),
  notes: z.string(),
  /** Address, relay and switch port of its last start; null before it has registered. */
  seenAt: SeenAt.nullable(),
  /** When the record was made: since when a machine waits. */
  createdMs: z.int(),
  lastSeenMs: z.int().nullable(),
  lastBootDecision: z.string().nullable(),
  /** Why it has nothing to do, as it was told when it last asked. */
  refusal: z.string().nullable(),
  openRun: RunId.nullable(),
});
export type DeviceView = z.infer<typeof DeviceView>;

/** POST /devices: import or change by hand. At least one of GUID, MAC, serial. */
export const DeviceImport = z.strictObject({
  name: z.string().min(1).max(64),
  smbiosGuid: SmbiosGuid.optional(),
  macAddresses: z.array(MacAddress).default([]),
  serialNumber: z.string().max(256).optional(),
  assetTag: z.string().max(256).optional(),
  notes: z.string().max(4000).optional(),
});
export type DeviceImport = z.infer<typeof DeviceImport>;

/** POST /devices/:id/approve and /ignore. A name given here is the device's name. */
export const DeviceApproval = z.strictObject({ name: z.string().min(1).max(64).optional() });

/** POST /devices/:id/clear: how many ended runs were cleared; an open one is not. */
export const DeviceCleared = DeviceView.extend({ cleared: z.int() });

export const CollectionView = z.object({
  id: CollectionId,
  name: z.string(),
  /** Of devices or of users; task sequences are deployed to devices. */
  kind: z.enum(['device', 'user']),
  builtIn: z.boolean(),
  limitingCollection: CollectionId.nullable(),
  /** Whose variables win where collections of a device differ: those of the higher number. */
  precedence: z.int(),
  memberCount: z.int(),
  /** When all devices were last decided by its rules; null for the built-in ones, which are known at once. */
  evaluatedMs: z.int().nullable(),
  tookMs: z.int().nullable(),
  /** Its rules have changed or an update was asked for, and not all devices are decided yet. */
  pending: z.boolean(),
  /** A query of it that this version cannot read, in words. */
  problem: z.string().nullable(),
  /** The value of a secret one is never answered: it is empty here. */
  variables: z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() })),
});
export type CollectionView = z.infer<typeof CollectionView>;
/** POST /collections/:id/members: direct rules; `remove` takes them away. */
export const CollectionMembers = z.strictObject({
  add: z.array(DeviceId).default([]),
  remove: z.array(DeviceId).default([]),
});

export const PackageView = z.object({
  id: PackageId,
  name: z.string(),
  kind: z.enum(['os-image', 'package', 'driver-package', 'boot-image']),
  version: z.int(),
  sizeBytes: z.int(),
  images: z.array(ImageFacts),
  createdMs: z.int(),
});
export type PackageView = z.infer<typeof PackageView>;
/**
 * POST /images?name=N[&id=ID][&kind=K][&architecture=A]: body is the WIM; a name that exists gets a new
 * version. Kind and architecture are said of every image in the WIM, whatever it says itself.
 */
export const ImageAddQuery = z.strictObject({
  name: z.string().min(1).max(128),
  id: PackageId.optional(),
  kind: ImageFacts.shape.kind.optional(),
  architecture: MachineArchitecture.optional(),
});

/** Limits of a required deployment to All Unknown Computers (M17); it names at least one place. */
const UnknownScopeView = z.strictObject({
  subnets: z.array(z.string()).max(100).default([]),
  /** As relays and switches name them in option 82: circuit id and remote id. */
  ports: z
    .array(
      z.strictObject({ port: z.string().min(1), switchId: z.string().nullable().default(null) }),
    )
    .max(1000)
    .optional(),
  /** Of this server. */
  interfaces: z.array(z.string()).max(100).optional(),
  endsMs: z.int(),
  perHour: z.int().positive(),
});

export const DeploymentView = z.object({
  id: DeploymentId,
  sequence: z.object({ id: SequenceId, name: z.string() }),
  collection: z.object({ id: CollectionId, name: z.string() }),
  purpose: z.enum(['available', 'required']),
  /** Whether a password opens a command prompt in Windows PE. */
  commandPrompt: z.boolean().default(false),
  settings: DeploymentSettings,
  /** Where and how long one to unknown computers is good. */
  scope: UnknownScopeView.nullable(),
  withdrawn: z.boolean(),
  createdMs: z.int(),
});
export type DeploymentView = z.infer<typeof DeploymentView>;
/**
 * POST /deployments. A required one to All Unknown Computers needs `confirmUnknown` (M17), and one to
 * All Systems is refused (M18). Sequence and collection by id or name.
 */
export const DeploymentCreate = z.strictObject({
  sequence: z.string(),
  collection: z.string(),
  purpose: z.enum(['available', 'required']),
  confirmUnknown: UnknownScopeView.optional(),
  /** Those that are left out are as they are at first. */
  settings: DeploymentSettingsChange.optional(),
  /** Warnings that are accepted, by their codes (M18). */
  accepts: z.array(z.enum(riskWarnings)).optional(),
  /** A high-risk deployment to a collection of more members than the site's default size. */
  unhide: z.boolean().optional(),
  /** Opens a command prompt (F8) in Windows PE. Kept as a hash; nobody can read it again. */
  commandPromptPassword: z
    .string()
    .min(
      LEAST_PASSWORD_CHARACTERS,
      `a password has at least ${LEAST_PASSWORD_CHARACTERS} characters`,
    )
    .max(200)
    .optional(),
});
export type DeploymentCreate = z.input<typeof DeploymentCreate>;

const RunState = z.enum(['running', 'restarting', 'succeeded', 'failed', 'forked']);
export const RunView = z.object({
  id: RunId,
  deviceId: DeviceId,
  deviceName: z.string(),
  sequenceName: z.string(),
  deploymentId: DeploymentId,
  state: RunState,
  startedMs: z.int(),
  endedMs: z.int().nullable(),
  lastEventMs: z.int(),
  error: RunError.nullable(),
  progress: Progress.nullable(),
  have: z.int(),
  /** The machine was restarted into Windows Setup and has been silent for too long; since when it counts as lost. */
  lostInWindowsSetup: z.object({ sinceMs: z.int(), hint: z.string() }).nullable(),
});
export type RunView = z.infer<typeof RunView>;
/** GET /runs/:id. */
export const RunDetail = RunView.extend({
  events: z.array(RunEvent),
  /** Why it failed, most likely; null for one that did not. */
  likelyCause: LikelyCause.nullable(),
});
export type RunDetail = z.infer<typeof RunDetail>;
/** GET /runs/:id/log?offset=N[&wait=1]: text from `offset` on; `wait` holds the answer up to 20 s. */
export const LogSlice = z.object({
  offset: z.int(),
  next: z.int(),
  text: z.string(),
  ended: z.boolean(),
});
export type LogSlice = z.infer<typeof LogSlice>;

/** PUT /netboot: which interfaces are answered on. None until an operator says so. */
export const NetbootSettings = z.strictObject({
  answerOn: z.array(z.string()),
  unknownMachines: z.enum(['deploy', 'ask', 'ignore']),
  /** Boot image of unknown machines and of those that wait, by id or name; null is Linux PE. Left out: as it was. */
  bootImage: z.string().min(1).max(128).nullable().optional(),
  /** Minutes of silence after which a machine in Windows Setup counts as lost. Left out: as it was. */
  windowsSetupLostMinutes: WindowsSetupLostMinutes.optional(),
  /** Boot clients that alone are answered, all where there are none: `52:54:00`, `arch:uefi-x64`, `class:HTTPClient`. */
  answerOnly: ClientRules.optional(),
  /** Boot clients that are not answered, in the same form. */
  ignoreClients: ClientRules.optional(),
  /** Seconds that other PXE servers have to answer first. */
  responseDelaySeconds: ResponseDelaySeconds.optional(),
  /** Whether machines are sent to their disk, and refused, by menus of PXE. Left out: as it was. */
  pxeMenu: z.boolean().optional(),
});
export type NetbootSettings = z.infer<typeof NetbootSettings>;

/** GET /status. */
export const StatusView = z.object({
  version: z.string(),
  netboot: NetbootSettings,
  interfaces: z.array(z.object({ name: z.string(), address: z.string(), netmask: z.string() })),
  listeners: z.array(
    z.object({ purpose: z.string(), address: z.string(), ok: z.boolean(), detail: z.string() }),
  ),
  heardServers: z.array(
    z.object({
      interfaceName: z.string(),
      address: z.string(),
      /** Null while it is not known. */
      mac: z.string().nullable(),
      /** It answers boot clients. */
      pxe: z.boolean(),
      /** It gives addresses. */
      grants: z.boolean(),
      /** What it offered last; null where only a client named it. */
      offered: z
        .object({
          client: z.string(),
          address: z.string().nullable(),
          router: z.string().nullable(),
          nextServer: z.string(),
          file: z.string(),
        })
        .nullable(),
      firstHeardMs: z.int(),
      lastHeardMs: z.int(),
    }),
  ),
  bootImages: z.array(
    z.object({
      name: z.string(),
      architecture: z.string(),
      ready: z.boolean(),
      detail: z.string(),
    }),
  ),
});
export type StatusView = z.infer<typeof StatusView>;

/** GET /boot-decisions: the newest first, each answer and each silence with its reason. */
export const BootDecisionView = z.object({
  atMs: z.int(),
  interfaceName: z.string(),
  mac: z.string(),
  guid: z.string().nullable(),
  architecture: z.string(),
  outcome: z.enum(['answered', 'silent']),
  reason: z.string(),
  /** What it was sent to: boot image, chain, whose boot manager, first file. Null for a silence. */
  boot: z
    .object({
      image: z.string(),
      chain: z.enum(['linux-pe', 'windows-pe', 'wimboot']),
      signer: z.string().nullable(),
      file: z.string(),
    })
    .nullable(),
});
export type BootDecisionView = z.infer<typeof BootDecisionView>;

/** One message of GET /feed (server-sent events): a whole snapshot with its revision, at most 4 a second. */
export const FeedSnapshot = z.object({
  revision: z.int(),
  devices: z.array(DeviceView),
  runs: z.array(RunView),
  decisions: z.array(BootDecisionView),
});
export type FeedSnapshot = z.infer<typeof FeedSnapshot>;

/** POST /admin-links: path of a one-time link on the console listener, `/#link=...`. */
export const AdminLink = z.object({ path: z.string() });

/** GET /audit: who changed what, the newest first. */
export const AuditView = z.object({
  id: z.string(),
  atMs: z.int(),
  who: z.string(),
  action: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditView = z.infer<typeof AuditView>;

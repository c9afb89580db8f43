import { z } from 'zod';
import { ContentManifest } from './content.ts';
import { HardwareInventory } from './hardware-inventory.ts';
import { HiddenValues } from './hidden-values.ts';
import {
  DeploymentId,
  DeviceId,
  MachineArchitecture,
  MachineIdentity,
  PackageId,
  RunId,
  SequenceId,
  Sha256,
} from './identity.ts';
import { MediaClaim } from './media-proof.ts';
import { PasswordHash } from './password-hash.ts';
import { VariableChange } from './run-event.ts';

/** Where the agent runs now. */
export const Environment = z.enum(['winpe', 'full-os', 'linux-pe']);
export type Environment = z.infer<typeof Environment>;

/** What a boot image of Windows PE says of itself to the agent in it. */
export const BootImageIdentity = z.object({
  /** As the server has it; a package id is not known before the image is made. */
  name: z.string().max(256),
  architecture: MachineArchitecture,
});
export type BootImageIdentity = z.infer<typeof BootImageIdentity>;

/**
 * POST /v1/register, proved by the agent's new key (proof.ts). Answered with a token bound to it. Fields
 * that this version does not know are passed over, here and in what is nested: an agent of a newer
 * server, met after that was set back to this one, still registers. What may not be passed over needs
 * another `PROTOCOL_VERSION`.
 */
export const Registration = z.object({
  identity: MachineIdentity,
  environment: Environment,
  agentVersion: z.string().max(100),
  /** What the machine was started from; absent in Linux PE, an installed system, and from older boot images. */
  bootImage: BootImageIdentity.optional(),
  /** `SMSTSPreferredAdvertID`, where a prestart command or media says it: what is to be started, before required ones. */
  preferredDeployment: DeploymentId.optional(),
  /** Media that the machine was started from, and that it has their key; absent where it was by the network. */
  media: MediaClaim.optional(),
  /** Absent from older agents. One that cannot be read is as if absent: it decides about no machine. */
  inventory: HardwareInventory.optional().catch(undefined),
  /** From the journal on the disk, if there is one: proves that this is the machine of an open run. */
  resume: z.object({ runId: RunId, resumeToken: z.string().max(200) }).optional(),
});
export type Registration = z.infer<typeof Registration>;

export const Registered = z.object({
  token: z.string(),
  /** Key that requests with the token are proved by (proof.ts): 32 bytes, base64url. Absent from older servers. */
  tokenKey: z.string().max(64).optional(),
  /** Milliseconds since 1970: the only clock the agent trusts. */
  serverTimeMs: z.int(),
  deviceId: DeviceId.nullable(),
  /** Name to show at the machine, when the record has one. */
  deviceName: z.string().nullable(),
  /**
   * Whether the server knows the run that `resume` names; absent where it names none, and from servers of
   * before this field. One that was restored from an older backup does not.
   */
  resumeKnown: z.boolean().optional(),
});
export type Registered = z.infer<typeof Registered>;

export const Offer = z.object({
  deploymentId: DeploymentId,
  sequenceId: SequenceId,
  name: z.string(),
  description: z.string(),
  purpose: z.enum(['available', 'required']),
});
export type Offer = z.infer<typeof Offer>;

/** A variable that is empty where it is set: whoever starts a run at the machine is asked for it. */
export const AskedVariable = z.object({ name: z.string().max(256), secret: z.boolean() });
export type AskedVariable = z.infer<typeof AskedVariable>;

/** GET /v1/policy: what this machine is to do now. */
export const Policy = z.discriminatedUnion('kind', [
  /** Unknown machine that an operator has not approved yet, or nothing that can start now. */
  z.object({
    kind: z.literal('wait'),
    code: z.string(),
    reason: z.string(),
    pollAfterMs: z.int().positive(),
  }),
  /** Nothing is deployed to this machine: said at the machine, with why. */
  z.object({ kind: z.literal('none'), code: z.string(), reason: z.string() }),
  /** One required deployment starts by itself; available ones are chosen from a menu. */
  z.object({
    kind: z.literal('offers'),
    start: DeploymentId.nullable(),
    offers: z.array(Offer).min(1),
    /** When to ask again, where one may start by itself later and nobody has chosen. */
    pollAfterMs: z.int().positive().optional(),
    /** Of what is chosen at the machine; nobody is asked for what starts by itself. Absent: nothing is asked. */
    asks: z.array(AskedVariable).max(1000).optional(),
  }),
  /** A run of this machine is open: it is resumed, nothing else. */
  z.object({ kind: z.literal('resume'), runId: RunId }),
]);
export type Policy = z.infer<typeof Policy>;

/** POST /v1/runs. `runId` is made by the agent, so that asking twice makes one run. */
export const RunRequest = z.strictObject({
  runId: RunId,
  deploymentId: DeploymentId,
  /** What was typed for the variables that the policy asks for; only where it asks for some. */
  variables: z
    .array(z.strictObject({ name: z.string().max(256), value: z.string().max(4000) }))
    .max(1000)
    .optional(),
});
export type RunRequest = z.infer<typeof RunRequest>;

/** What a reference of the document resolved to when the run was granted. */
const ResolvedContent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('found'), manifest: ContentManifest, sources: z.array(z.url()) }),
  z.object({ kind: z.literal('missing'), packageId: PackageId, reason: z.string() }),
]);

/**
 * How the files of a deployment reach the machine: *download content locally when needed*, *download all
 * content locally before starting*, *access content directly from a distribution point*.
 */
export const DownloadOption = z.enum(['when-needed', 'first', 'from-distribution-point']);
export type DownloadOption = z.infer<typeof DownloadOption>;

/** From where else content may come when no distribution point of the machine's own boundary group has it. */
export const ContentFallback = z.object({
  /** Distribution points of neighbour boundary groups. */
  neighbors: z.boolean(),
  /** Those of the site's default boundary group. */
  siteDefault: z.boolean(),
});
export type ContentFallback = z.infer<typeof ContentFallback>;

/** Whose certificates HTTPS distribution points of the site have: a PEM each. */
const ContentCas = z.array(z.string().max(100_000)).max(1000);

/** Answer to POST /v1/runs and GET /v1/runs/:run: everything pinned for the whole run. */
export const RunGrant = z.object({
  runId: RunId,
  deploymentId: DeploymentId,
  /** Not told by servers of before this field. */
  sequenceId: SequenceId.optional(),
  sequenceName: z.string(),
  purpose: z.enum(['available', 'required']),
  /** The pinned document, parsed again by `parseTaskSequence`; its SHA-256 is over this JSON text. */
  documentJson: z.string(),
  documentSha256: z.string(),
  deviceName: z.string().nullable(),
  /**
   * Collection and device variables by precedence, and `_SMSTS` ones the server knows. Secret ones that are
   * given step by step are `withheld` (`Transport.secrets`); their values are not here.
   */
  variables: z.array(VariableChange),
  content: z.record(PackageId, ResolvedContent),
  /** Absent from servers of before this field: `when-needed`. */
  download: DownloadOption.optional(),
  /** Absent: nowhere else. */
  fallback: ContentFallback.optional(),
  /** CAs, in PEM, of HTTPS distribution points, beside those of the system. Absent: there are none. */
  contentCas: ContentCas.optional(),
  /**
   * Until when a required run waits for content that is missing before its first step, by the server's time;
   * absent from servers of before this field: an hour from then on.
   */
  contentWaitUntilMs: z.int().nonnegative().optional(),
  /**
   * All driver packages of the server, where a step chooses among them. Of one that no step names, `content`
   * has the index of its drivers only.
   */
  driverPackages: z.array(PackageId).max(1000).optional(),
  /**
   * What a list in variables may name, where a step reads one: applications, and packages with programs. `content` has
   * them all. Absent where no step does, and from servers of before this field.
   */
  software: z.array(PackageId).max(5000).optional(),
  /** The boot image that the document names, also in `content`; a restart to the PE goes there. */
  bootImage: PackageId.optional(),
  /** What opens a command prompt in Windows PE; without it nothing does. */
  commandPrompt: PasswordHash.optional(),
  /** 32 bytes, base64: seals the secret variables in the events of this run. Never on a disk. */
  runKey: z.string(),
  /** In the journal's header; presented at registration by a later boot. */
  resumeToken: z.string(),
  /** In the journal's header: what a server that has lost the run takes it in again by. */
  recovery: z.string().max(2000).optional(),
  /** Seq of the last event the server has of this run; 0 for a new one. */
  have: z.int().nonnegative(),
  /** What this run was given in secret before, to be hidden from logs; absent where nothing was. */
  hidden: HiddenValues.optional(),
});
export type RunGrant = z.infer<typeof RunGrant>;

/** GET /v1/runs/:run/sources: base URLs of each package of the run that is somewhere, the nearest first. */
export const ContentSources = z.object({
  sources: z.record(PackageId, z.array(z.url())),
  contentCas: ContentCas.optional(),
});
export type ContentSources = z.infer<typeof ContentSources>;

/** POST /v1/runs/:run/bad-source: what could not be had from a source that should have it. */
export const BadSource = z.strictObject({
  /** Base URL, as the grant has it. */
  source: z.url().max(2000),
  sha256: Sha256,
  /** Other bytes than the manifest says, not there, or an answer that is no part of a file. */
  kind: z.enum(['damaged', 'missing', 'answer']),
  detail: z.string().max(1000),
});
export type BadSource = z.infer<typeof BadSource>;
/** POST /v1/runs/:run/recover: a run that the server does not know any more. Answered with `RunRecovered`. */
export const RunRecovery = z.strictObject({
  /** From the grant: the server's own words, which it knows again. */
  recovery: z.string().max(2000),
  /** The pinned document, where the machine still has it: after a restart it does not. */
  documentJson: z.string().optional(),
});
export type RunRecovery = z.infer<typeof RunRecovery>;

export const RunRecovered = z.object({ have: z.int().nonnegative() });
export type RunRecovered = z.infer<typeof RunRecovered>;

import type { Kysely } from 'kysely';
import { agents } from './agents.ts';
import { approvals } from './approvals.ts';
import { audit } from './audit.ts';
import { batches } from './batches.ts';
import { bootChains } from './boot-chains.ts';
import { boundaryGroups } from './boundary-groups.ts';
import { captures } from './captures.ts';
import { collectionRules } from './collection-rules.ts';
import { collections } from './collections.ts';
import { contentUse } from './content-use.ts';
import { deploymentChecks } from './deployment-checks.ts';
import { deploymentStatus } from './deployment-status.ts';
import { deployments } from './deployments.ts';
import { deviceConflicts } from './device-conflicts.ts';
import { deviceImport } from './device-import.ts';
import { deviceInventories } from './device-inventories.ts';
import { deviceNames } from './device-names.ts';
import { deviceSearch } from './device-search.ts';
import { devices } from './devices.ts';
import { dhcpLeases } from './dhcp-leases.ts';
import { distributionPoints } from './distribution-points.ts';
import { driverCatalog } from './driver-catalog.ts';
import { driverGaps } from './driver-gaps.ts';
import { expectedDevices } from './expected-devices.ts';
import { grants } from './grants.ts';
import { logSearch } from './log-search.ts';
import { logs } from './logs.ts';
import { media } from './media.ts';
import { mediaRuns } from './media-runs.ts';
import { memberships } from './memberships.ts';
import { mergedDevices } from './merge-devices.ts';
import { naming } from './naming.ts';
import { netboot } from './netboot.ts';
import { oidcAttempts } from './oidc-attempts.ts';
import { operators } from './operators.ts';
import { packages } from './packages.ts';
import { people } from './people.ts';
import { pointFaults } from './point-faults.ts';
import { pointPackages } from './point-packages.ts';
import { policy } from './policy.ts';
import { previews } from './preview-members.ts';
import { lostRuns } from './recover-run.ts';
import { secretReleases } from './release-secrets.ts';
import { reports } from './reports.ts';
import { retention } from './retention.ts';
import { runCounts } from './run-counts.ts';
import { runDocuments } from './run-documents.ts';
import { runs } from './runs.ts';
import { sequences } from './sequences.ts';
import { servers } from './servers.ts';
import { settings } from './settings.ts';
import { sharedIdentifiers } from './shared-identifiers.ts';
import { signIns } from './sign-ins.ts';
import { silences } from './silences.ts';
import { siteAccounts } from './site-accounts.ts';
import { software } from './software.ts';
import { deviceSplits } from './split-device.ts';
import { standAlone } from './stand-alone.ts';
import type { Tables } from './tables.ts';
import { uploads } from './uploads.ts';
import { variables } from './variables.ts';
import { webhooks } from './webhooks.ts';
import { windows } from './windows.ts';

/**
 * All that can be asked of the store. Each operation is one function over a Kysely in an open
 * transaction, run whole: on SQLite in the worker, many to a commit. Arguments and answers are
 * structured-cloned.
 */
export const operations = {
  agents,
  approvals,
  audit,
  batches,
  bootChains,
  boundaryGroups,
  captures,
  collectionRules,
  collections,
  contentUse,
  deployments,
  deploymentChecks,
  deploymentStatus: { of: deploymentStatus },
  devices,
  deviceConflicts,
  deviceImport,
  deviceInventories,
  distributionPoints,
  pointFaults,
  pointPackages,
  dhcpLeases,
  driverCatalog,
  driverGaps,
  deviceNames,
  deviceSearch,
  expectedDevices,
  logs,
  media,
  mediaRuns,
  memberships,
  logSearch,
  lostRuns,
  grants,
  netboot,
  policy,
  previews,
  mergedDevices,
  deviceSplits,
  naming,
  sharedIdentifiers,
  oidcAttempts,
  operators,
  people,
  packages,
  reports,
  retention,
  secretReleases,
  runCounts,
  runDocuments,
  runs,
  sequences,
  signIns,
  servers,
  siteAccounts,
  standAlone,
  settings,
  software,
  uploads,
  variables,
  windows,
  silences,
  webhooks,
} as const;

type Db = Kysely<Tables>;
type Operations = typeof operations;

/** An operation as its callers see it: without the database, answered after the commit. */
type Call<Operation> = Operation extends (db: Db, ...rest: infer Rest) => Promise<infer Answer>
  ? (...rest: Rest) => Promise<Answer>
  : never;

/** The store: `store.devices.list()`, and so on. An answer comes after what it tells is on the disk. */
export type Store = {
  readonly [Aggregate in keyof Operations]: {
    readonly [Name in keyof Operations[Aggregate]]: Call<Operations[Aggregate][Name]>;
  };
} & { close(): Promise<void> };

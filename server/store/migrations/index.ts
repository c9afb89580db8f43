import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { first } from './0001-first.ts';
import { language } from './0002-language.ts';
import { drafts } from './0003-drafts.ts';
import { bootChains } from './0004-boot-chains.ts';
import { commandPrompt } from './0005-command-prompt.ts';
import { windowsSetup } from './0006-windows-setup.ts';
import { startedFrom } from './0007-started-from.ts';
import { deviceFacts } from './0008-device-facts.ts';
import { distributionPoints } from './0009-distribution-points.ts';
import { driverCatalog } from './0010-driver-catalog.ts';
import { people } from './0011-people.ts';
import { maintenanceWindows } from './0012-maintenance-windows.ts';
import { software } from './0012-software.ts';
import { servers } from './0014-servers.ts';
import { collectionRules } from './0015-collection-rules.ts';
import { siteAccounts } from './0016-site-accounts.ts';
import { history } from './0017-history.ts';
import { bench } from './0018-bench.ts';
import { deviceConflicts } from './0019-device-conflicts.ts';
import { deploymentSettings } from './0020-deployment-settings.ts';
import { retentionIndex } from './0021-retention-index.ts';
import { secretReleases } from './0021-secret-releases.ts';
import { inventorySources } from './0022-inventory-sources.ts';
import { pointCa } from './0023-point-ca.ts';
import { oidcAttempts } from './0024-oidc-attempts.ts';
import { sealedWebhookUrls } from './0025-sealed-webhook-urls.ts';
import { packageKeys } from './0026-package-keys.ts';
import { logCompression } from './0027-log-compression.ts';
import { setupStepsOfRuns } from './0028-setup-steps.ts';
import { dhcpLeases } from './0029-dhcp-leases.ts';
import { releasedValues } from './0029-released-values.ts';
import { packedLogs } from './0030-packed-logs.ts';
import { captures } from './0031-captures.ts';
import { media } from './0032-media.ts';

/** All migrations in order; the number is the place in this list, from 1. Never change one that shipped. */
export const migrations: readonly ((db: Kysely<Tables>) => Promise<void>)[] = [
  first,
  language,
  drafts,
  bootChains,
  commandPrompt,
  windowsSetup,
  startedFrom,
  deviceFacts,
  distributionPoints,
  driverCatalog,
  people,
  maintenanceWindows,
  software,
  servers,
  collectionRules,
  siteAccounts,
  history,
  bench,
  deviceConflicts,
  deploymentSettings,
  secretReleases,
  retentionIndex,
  inventorySources,
  oidcAttempts,
  sealedWebhookUrls,
  pointCa,
  packageKeys,
  logCompression,
  setupStepsOfRuns,
  releasedValues,
  dhcpLeases,
  packedLogs,
  captures,
  media,
];

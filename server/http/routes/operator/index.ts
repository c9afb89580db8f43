import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { objectRoutes } from '../objects.ts';
import { accountRoutes } from './accounts.ts';
import { apiDocumentRoutes } from './api-document.ts';
import { approvalRoutes } from './approvals.ts';
import { auditRoutes } from './audit-log.ts';
import { benchDhcpRoutes } from './bench-dhcp.ts';
import { bootImageRoutes } from './boot-images.ts';
import { boundaryGroupRoutes } from './boundary-groups.ts';
import { collectionMemberRoutes } from './collection-members.ts';
import { collectionRoutes } from './collections.ts';
import { consolePageRoutes } from './console-page.ts';
import { deploymentCheckRoutes } from './deployment-check.ts';
import { deploymentSettingsRoutes } from './deployment-settings.ts';
import { deploymentRoutes } from './deployments.ts';
import { deviceConflictRoutes } from './device-conflicts.ts';
import { deviceImportRoutes } from './device-import.ts';
import { deviceInventoryRoutes } from './device-inventory.ts';
import { deviceRoutes } from './devices.ts';
import { distributionPointRoutes } from './distribution-points.ts';
import { driverRoutes } from './drivers.ts';
import { featureRoutes } from './features.ts';
import { feedRoutes } from './feed.ts';
import { imageRoutes } from './images.ts';
import { logSearchRoutes } from './log-search.ts';
import { maintenanceWindowRoutes } from './maintenance-windows.ts';
import { mediaRoutes } from './media.ts';
import { metricsRoutes } from './metrics.ts';
import { namingRoutes } from './naming.ts';
import { netbootRoutes } from './netboot.ts';
import { netbootChainRoutes } from './netboot-chains.ts';
import { netbootWimbootRoutes } from './netboot-wimboot.ts';
import { packageRoutes } from './packages.ts';
import { peopleRoutes } from './people.ts';
import { reportRoutes } from './reports.ts';
import { retentionRoutes } from './retention.ts';
import { runRoutes } from './runs.ts';
import { schemaRoutes } from './schema.ts';
import { sequenceBatchRoutes } from './sequence-batch.ts';
import { sequenceRoutes } from './sequences.ts';
import { sessionRoutes } from './session.ts';
import { signInRoutes } from './sign-in.ts';
import { simulateRoutes } from './simulate.ts';
import { softwareRoutes } from './software.ts';
import { statusRoutes } from './status.ts';
import { tokenRoutes } from './tokens.ts';
import { variableRoutes } from './variables.ts';
import { webhookRoutes } from './webhooks.ts';

/** All files of routes on the console listener, that of the API's document first. */
export const operatorRoutes: readonly RouteFile<OperatorServices>[] = [
  apiDocumentRoutes,
  consolePageRoutes,
  sessionRoutes,
  signInRoutes,
  peopleRoutes,
  tokenRoutes,
  statusRoutes,
  metricsRoutes,
  feedRoutes,
  netbootRoutes,
  benchDhcpRoutes,
  netbootChainRoutes,
  netbootWimbootRoutes,
  featureRoutes,
  deviceRoutes,
  deviceConflictRoutes,
  deviceImportRoutes,
  deviceInventoryRoutes,
  approvalRoutes,
  namingRoutes,
  collectionRoutes,
  collectionMemberRoutes,
  variableRoutes,
  imageRoutes,
  bootImageRoutes,
  mediaRoutes,
  packageRoutes,
  distributionPointRoutes,
  boundaryGroupRoutes,
  driverRoutes,
  softwareRoutes,
  objectRoutes('operator', '/api/v1'),
  sequenceRoutes,
  schemaRoutes,
  sequenceBatchRoutes,
  simulateRoutes,
  accountRoutes,
  deploymentRoutes,
  deploymentCheckRoutes,
  deploymentSettingsRoutes,
  maintenanceWindowRoutes,
  runRoutes,
  logSearchRoutes,
  reportRoutes,
  retentionRoutes,
  webhookRoutes,
  auditRoutes,
];

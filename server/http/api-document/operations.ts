import { z } from 'zod';
import { Retention, Silence } from '../../inventory/history.ts';
import { SiteDeployments } from '../../inventory/site-deployments.ts';
import * as api from '../api.ts';
import * as accounts from '../api-accounts.ts';
import * as bootImages from '../api-boot-images.ts';
import * as collections from '../api-collections.ts';
import * as content from '../api-content.ts';
import * as deploymentStatus from '../api-deployment-status.ts';
import * as drivers from '../api-drivers.ts';
import * as history from '../api-history.ts';
import * as netboot from '../api-netboot.ts';
import * as packages from '../api-packages.ts';
import * as people from '../api-people.ts';
import * as sequences from '../api-sequences.ts';
import * as software from '../api-software.ts';
import * as variables from '../api-variables.ts';
import * as webhooks from '../api-webhooks.ts';
import * as windows from '../api-windows.ts';
import { deviceOperations } from './device-operations.ts';
import type { ApiOperation, Row } from './operation.ts';

const { CollectionView, DeploymentView, RunView } = api;

/**
 * All routes of the operators' API, by method and path, in the order of the document. A test holds this
 * list and the routes of the console's listener equal, and answers of a filled site against it.
 */
export const operations: ReadonlyMap<string, ApiOperation> = new Map([
  ...under('Session', [
    [
      'POST /api/v1/session',
      'Signs in by a one-time link, or by name and password',
      people.SessionView,
    ],
    ['GET /api/v1/session', 'Says who is signed in', people.SessionView],
    ['PUT /api/v1/session/password', 'Changes the own password', people.SessionView],
    ['DELETE /api/v1/session', 'Signs out', 'nothing'],
    ['GET /api/v1/sign-in', 'Tells the ways to sign in', people.SignInWays],
    ['POST /api/v1/sign-in/oidc', 'Begins to sign in by the OpenID provider', people.OidcBegun],
    ['GET /api/v1/sign-in/oidc/callback', 'Takes a browser back from the provider', 'page'],
    ['POST /api/v1/admin-links', 'Makes a one-time link that signs a browser in', api.AdminLink],
  ]),
  ...under('People', [
    ['GET /api/v1/people', 'Lists accounts', z.array(people.PersonView)],
    ['POST /api/v1/people', 'Makes an account', people.PersonView],
    ['GET /api/v1/people/:id', 'Answers an account', people.PersonView],
    ['PUT /api/v1/people/:id', 'Changes the role of an account, or disables it', people.PersonView],
    ['PUT /api/v1/people/:id/password', 'Sets a password and signs out everywhere', 'nothing'],
    ['DELETE /api/v1/people/:id', 'Takes an account away', 'nothing'],
    ['GET /api/v1/sessions', 'Lists browsers that are signed in', z.array(people.OpenSessionView)],
    ['DELETE /api/v1/sessions/:id', 'Signs a browser out', 'nothing'],
    ['GET /api/v1/tokens', 'Lists API tokens', z.array(people.TokenView)],
    ['POST /api/v1/tokens', 'Makes an API token, told this once', people.TokenCreated],
    ['GET /api/v1/tokens/:id', 'Answers an API token', people.TokenView],
    ['DELETE /api/v1/tokens/:id', 'Ends an API token', 'nothing'],
  ]),
  ...under('Accounts', [
    ['GET /api/v1/accounts', 'Lists accounts of the site', z.array(accounts.SiteAccountView)],
    ['POST /api/v1/accounts', 'Keeps an account of the site', accounts.SiteAccountView],
    ['GET /api/v1/accounts/:id', 'Answers an account of the site', accounts.SiteAccountView],
    ['PUT /api/v1/accounts/:id', 'Changes an account of the site', accounts.SiteAccountView],
    ['DELETE /api/v1/accounts/:id', 'Takes an account of the site away', 'nothing'],
    [
      'GET /api/v1/account-cases',
      'Lists the cases that need an account, and whether it is there',
      z.array(accounts.AccountCaseView),
    ],
    [
      'GET /api/v1/deployments/:id/secrets',
      'Tells how sure a machine must be for the secrets of a deployment',
      accounts.DeploymentSecrets,
    ],
    [
      'PUT /api/v1/deployments/:id/secrets',
      'Sets how sure a machine must be for the secrets of a deployment',
      accounts.DeploymentSecrets,
    ],
  ]),
  ...under('Server', [
    ['GET /api/v1/openapi.json', 'Answers this document', 'other-json'],
    ['GET /api/v1/status', 'Tells listeners, interfaces and boot images', api.StatusView],
    ['GET /api/v1/feed', 'Streams a snapshot of what moves, at each change', 'events'],
    ['GET /api/v1/features', 'Lists optional features', z.array(variables.FeatureView)],
    ['PUT /api/v1/features/:name', 'Switches an optional feature on or off', variables.FeatureView],
    ['GET /api/v1/audit', 'Lists who changed what, the newest first', z.array(api.AuditView)],
  ]),
  ...under('Network boot', [
    ['GET /api/v1/netboot', 'Tells where network boots are answered', api.NetbootSettings],
    ['PUT /api/v1/netboot', 'Sets where network boots are answered', api.NetbootSettings],
    [
      'GET /api/v1/boot-decisions',
      'Lists boot requests with their answers and reasons, the newest first',
      z.array(api.BootDecisionView),
    ],
    [
      'GET /api/v1/netboot/chains',
      'Lists how machines are started',
      z.array(netboot.BootChainView),
    ],
    [
      'PUT /api/v1/netboot/chains',
      'Sets how a machine, a model or all are started',
      z.array(netboot.BootChainView),
    ],
    [
      'GET /api/v1/netboot/signers',
      'Lists what boot managers have shown of Secure Boot',
      z.array(netboot.SignerView),
    ],
    ['DELETE /api/v1/netboot/signers/:device', 'Forgets what a machine has shown', 'nothing'],
    ['GET /api/v1/netboot/wimboot', 'Tells the files of the chain wimboot', netboot.WimbootView],
    ['PUT /api/v1/netboot/wimboot', 'Sets the files of the chain wimboot', netboot.WimbootView],
    ['DELETE /api/v1/netboot/wimboot', 'Takes the chain wimboot away', 'nothing'],
  ]),
  ...deviceOperations.flatMap(([tag, rows]) => under(tag, rows)),
  ...under('Collections', [
    ['GET /api/v1/collections', 'Lists collections', z.array(CollectionView)],
    ['POST /api/v1/collections', 'Makes a collection', collections.CollectionDetail],
    [
      'GET /api/v1/collections/:id',
      'Tells a collection and its rules',
      collections.CollectionDetail,
    ],
    ['PUT /api/v1/collections/:id', 'Changes a collection', collections.CollectionDetail],
    ['DELETE /api/v1/collections/:id', 'Takes a collection away', collections.CollectionDeleted],
    [
      'POST /api/v1/collections/:id/copy',
      'Copies a collection and its rules, limited by the original',
      collections.CollectionDetail,
    ],
    ['POST /api/v1/collections/:id/rules', 'Adds and removes rules', collections.CollectionDetail],
    ['GET /api/v1/collections/:id/members', 'Lists members', collections.MembersPage],
    [
      'POST /api/v1/collections/:id/members',
      'Adds and removes direct rules',
      collections.CollectionDetail,
    ],
    [
      'POST /api/v1/collections/:id/update',
      'Evaluates a collection and those that depend on it',
      CollectionView,
    ],
    ['POST /api/v1/collections/update', 'Evaluates all collections', z.array(CollectionView)],
    [
      'POST /api/v1/collections/preview',
      'Tells who would be a member by rules that are not kept',
      collections.PreviewView,
    ],
    [
      'GET /api/v1/query/fields',
      'Lists what queries can ask of devices',
      z.array(collections.QueryFieldView),
    ],
  ]),
  ...under(
    'Variables',
    (['collections', 'devices'] as const).flatMap((owners): readonly Row[] => [
      [
        `GET /api/v1/${owners}/:id/variables`,
        `Lists variables of ${owners}`,
        z.array(variables.VariableView),
      ],
      [
        `PUT /api/v1/${owners}/:id/variables/:name`,
        `Sets a variable of ${owners}`,
        variables.VariableView,
      ],
      [
        `DELETE /api/v1/${owners}/:id/variables/:name`,
        `Takes a variable of ${owners} away`,
        'nothing',
      ],
    ]),
  ),
  ...under('Content', [
    ['GET /api/v1/images', 'Lists operating system images', z.array(api.PackageView)],
    ['POST /api/v1/images', 'Stores an operating system image', api.PackageView, 'bytes'],
    ['GET /api/v1/boot-images', 'Lists boot images', z.array(bootImages.BootImageView)],
    ['POST /api/v1/boot-images', 'Makes a boot image', bootImages.BootImageView, 'bytes'],
    [
      'POST /api/v1/boot-images/:id/rebuild',
      "Puts this server's agent into a boot image",
      bootImages.BootImageView,
    ],
    ['GET /api/v1/packages', 'Lists packages', z.array(packages.FilePackageView)],
    ['GET /api/v1/packages/:id/manifest', 'Tells the files of a package', 'other-json'],
    ['POST /api/v1/packages/uploads', 'Begins an upload of a package', packages.UploadView],
    [
      'POST /api/v1/packages/uploads/:id/files',
      'Names files of an upload, and is told which objects are missing',
      packages.UploadMissing,
    ],
    [
      'PUT /api/v1/packages/uploads/:id/objects/:sha256',
      'Takes the bytes of an object in',
      'nothing',
      'bytes',
    ],
    [
      'POST /api/v1/packages/uploads/:id/commit',
      'Makes an upload a version of a package',
      packages.FilePackageView,
    ],
    [
      'GET /api/v1/driver-packages',
      'Lists driver packages with the models that they were made for',
      z.array(drivers.DriverPackageView),
    ],
    ['GET /api/v1/drivers', 'Lists the drivers of driver packages', z.array(drivers.DriverView)],
    [
      'GET /api/v1/drivers/find',
      'Ranks the drivers for a hardware id',
      z.array(drivers.RankedDriverView),
    ],
    [
      'GET /api/v1/drivers/missing',
      'Lists devices that no driver package has a driver for',
      z.array(drivers.DriverGapView),
    ],
    [
      'GET /api/v1/drivers/coverage',
      'Tells what driver packages have for a model',
      drivers.DriverCoverageView,
    ],
    ['GET /api/v1/drivers/:id', 'Tells what a driver is for', drivers.DriverDetail],
    ['GET /api/v1/applications', 'Lists applications', z.array(software.ApplicationView)],
    [
      'POST /api/v1/applications',
      'Stores an application, or a new revision of one',
      software.ApplicationView,
    ],
    ['GET /api/v1/applications/:id', 'Answers an application', software.ApplicationDetail],
    [
      'POST /api/v1/applications/:id/retire',
      'Lets no task sequence install an application any more, or again',
      software.ApplicationView,
    ],
    [
      'GET /api/v1/packages/:id/programs',
      'Lists the programs of a package',
      z.array(software.ProgramView),
    ],
    [
      'PUT /api/v1/packages/:id/programs',
      'Sets a program of a package',
      z.array(software.ProgramView),
    ],
    [
      'DELETE /api/v1/packages/:id/programs/:name',
      'Takes a program of a package away',
      z.array(software.ProgramView),
    ],
    ['GET /api/v1/content/:prefix/:sha256', 'Answers an object by its hash, or a range', 'bytes'],
    [
      'GET /api/v1/packages/versions',
      'Lists the newest version of each package, and those that open runs use',
      content.ContentVersions,
    ],
  ]),
  ...under('Distribution points', [
    [
      'GET /api/v1/distribution-points',
      'Lists distribution points',
      z.array(content.DistributionPointView),
    ],
    [
      'POST /api/v1/distribution-points',
      'Makes a distribution point known',
      content.DistributionPointDetail,
    ],
    [
      'GET /api/v1/distribution-points/:id',
      'Tells what is on a distribution point, and what machines could not have from there',
      content.DistributionPointDetail,
    ],
    [
      'PUT /api/v1/distribution-points/:id',
      'Changes a distribution point',
      content.DistributionPointDetail,
    ],
    ['DELETE /api/v1/distribution-points/:id', 'Forgets a distribution point', 'nothing'],
    [
      'PUT /api/v1/distribution-points/:id/packages',
      'Notes which packages are on a distribution point',
      content.DistributionPointDetail,
    ],
    ['GET /api/v1/boundary-groups', 'Lists boundary groups', z.array(content.BoundaryGroupView)],
    ['POST /api/v1/boundary-groups', 'Makes a boundary group', content.BoundaryGroupView],
    ['PUT /api/v1/boundary-groups/:id', 'Changes a boundary group', content.BoundaryGroupView],
    ['DELETE /api/v1/boundary-groups/:id', 'Takes a boundary group away', 'nothing'],
    [
      'GET /api/v1/boundary-groups/locate',
      'Tells which distribution points an address gets, the nearest first',
      content.LocatedPoints,
    ],
  ]),
  ...under('Task sequences', [
    ['GET /api/v1/sequences', 'Lists task sequences', z.array(sequences.SequenceView)],
    ['POST /api/v1/sequences', 'Stores a task sequence', sequences.SequenceView],
    [
      'POST /api/v1/sequences/check',
      'Holds a text against the site without storing it',
      sequences.SequenceCheckAnswer,
    ],
    [
      'POST /api/v1/sequences/batch',
      'Keeps sequences and finished uploads together, or none',
      sequences.SequenceBatchAnswer,
    ],
    ['GET /api/v1/sequences/:id', 'Answers a task sequence', sequences.SequenceDetail],
    [
      'GET /api/v1/sequences/:id/versions',
      'Lists the versions of a task sequence',
      z.array(sequences.SequenceVersionView),
    ],
    ['GET /api/v1/sequences/:id/versions/:version', 'Answers a version', sequences.SequenceDetail],
    ['POST /api/v1/sequences/:id/ready', 'Makes the newest draft ready', sequences.SequenceView],
    ['DELETE /api/v1/sequences/:id', 'Takes a task sequence away', 'nothing'],
    ['GET /api/v1/schema/task-sequence.json', 'Answers the JSON Schema of documents', 'other-json'],
    [
      'POST /api/v1/sequences/:id/simulate',
      'Says what a task sequence would do on a device',
      'other-json',
    ],
    ['POST /api/v1/simulate', 'Says what a text would do on a device', 'other-json'],
  ]),
  ...under('Deployments', [
    ['GET /api/v1/deployments', 'Lists deployments', z.array(DeploymentView)],
    ['POST /api/v1/deployments', 'Deploys a task sequence to a collection', DeploymentView],
    ['GET /api/v1/deployments/:id', 'Answers a deployment', DeploymentView],
    ['PUT /api/v1/deployments/:id', 'Changes settings of a deployment', DeploymentView],
    [
      'GET /api/v1/deployments/:id/status',
      'Tells how a deployment stands on the devices of its collection',
      deploymentStatus.DeploymentStatusView,
    ],
    [
      'POST /api/v1/collections/:id/clear',
      'Lets what has run on the devices of a collection run again',
      deploymentStatus.CollectionCleared,
    ],
    [
      'POST /api/v1/deployments/:id/withdraw',
      'Takes an offer back; runs that have started go on',
      DeploymentView,
    ],
    [
      'GET /api/v1/deployment-settings',
      'Tells what holds for all deployments of the site',
      SiteDeployments,
    ],
    [
      'PUT /api/v1/deployment-settings',
      'Sets what holds for all deployments of the site',
      SiteDeployments,
    ],
  ]),
  ...under('Maintenance windows', [
    ['GET /api/v1/maintenance-windows', 'Lists maintenance windows', z.array(windows.WindowView)],
    ['POST /api/v1/maintenance-windows', 'Makes a maintenance window', windows.WindowView],
    ['GET /api/v1/maintenance-windows/:id', 'Answers a maintenance window', windows.WindowView],
    ['PUT /api/v1/maintenance-windows/:id', 'Changes a maintenance window', windows.WindowView],
    ['DELETE /api/v1/maintenance-windows/:id', 'Takes a maintenance window away', 'nothing'],
    [
      'GET /api/v1/devices/:id/maintenance-windows',
      'Tells when a device may be disturbed next',
      windows.DeviceWindowsView,
    ],
  ]),
  ...under('Runs', [
    ['GET /api/v1/runs', 'Lists runs, the newest first', z.array(RunView)],
    ['GET /api/v1/runs/:id', 'Answers a run with its events', api.RunDetail],
    ['GET /api/v1/runs/:id/log', 'Answers a part of the log of a run', api.LogSlice],
    ['GET /api/v1/run-search', 'Finds a text in logs and events', history.LogSearchView],
    [
      'GET /api/v1/reports',
      'Counts runs by sequence, model, cause, step or day',
      history.ReportView,
    ],
    ['GET /api/v1/reports.csv', 'The same for a spreadsheet', 'bytes'],
    ['GET /api/v1/retention', 'Tells how long history is kept', Retention],
    ['PUT /api/v1/retention', 'Sets how long history is kept', Retention],
    ['GET /api/v1/webhooks', 'Lists who is told of events', z.array(webhooks.WebhookView)],
    [
      'POST /api/v1/webhooks',
      'Tells a URL of events; answers the secret of the signatures, once',
      webhooks.WebhookMade,
    ],
    ['DELETE /api/v1/webhooks/:id', 'Tells it nothing any more', 'nothing'],
    ['POST /api/v1/webhooks/:id/test', 'Sends it a test', 'nothing'],
    [
      'POST /api/v1/webhooks/:id/enable',
      'Switches one on again that failed for long',
      webhooks.WebhookView,
    ],
    ['GET /api/v1/silences', 'Tells why boots were not answered', z.array(Silence)],
  ]),
]);

function under(tag: string, rows: readonly Row[]): [string, ApiOperation][] {
  return rows.map(([route, summary, answer, body]) => [
    route,
    { tag, summary, answer, ...(body === undefined ? {} : { body }) },
  ]);
}

import { z } from 'zod';
import { Retention, Silence } from '../../inventory/history.ts';
import * as api from '../api.ts';
import * as dhcp from '../api-bench-dhcp.ts';
import * as collections from '../api-collections.ts';
import * as history from '../api-history.ts';
import * as netboot from '../api-netboot.ts';
import * as variables from '../api-variables.ts';
import * as webhooks from '../api-webhooks.ts';
import { contentOperations } from './content-operations.ts';
import { deploymentOperations } from './deployment-operations.ts';
import { deviceOperations } from './device-operations.ts';
import type { ApiOperation, Row } from './operation.ts';
import { peopleOperations } from './people-operations.ts';

const { CollectionView, RunView } = api;

/**
 * All routes of the operators' API, by method and path, in the order of the document. A test holds this
 * list and the routes of the console's listener equal, and answers of a filled site against it.
 */
export const operations: ReadonlyMap<string, ApiOperation> = new Map([
  ...underAll(peopleOperations),
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
    ['GET /api/v1/netboot/dhcp', 'Tells what addresses benches are granted', dhcp.BenchDhcpView],
    ['PUT /api/v1/netboot/dhcp', 'Sets what addresses benches are granted', dhcp.BenchDhcpView],
    [
      'POST /api/v1/netboot/dhcp/start',
      'Starts the DHCP server of a bench again that another server has stopped',
      dhcp.BenchDhcpView,
    ],
    [
      'GET /api/v1/netboot/dhcp/leases',
      'Lists addresses that were granted, the newest first',
      z.array(dhcp.DhcpLeaseView),
    ],
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
  ...underAll(deviceOperations),
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
  ...underAll(contentOperations),
  ...underAll(deploymentOperations),
  ...under('Runs', [
    ['GET /api/v1/runs', 'Lists runs, the newest first', z.array(RunView)],
    ['GET /api/v1/runs/:id', 'Answers a run with its events', api.RunDetail],
    ['GET /api/v1/runs/:id/log', 'Answers a part of the log of a run', api.LogSlice],
    ['GET /api/v1/runs/:id/bundle', 'Sends all that is known of a run as a ZIP file', 'bytes'],
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

function underAll(
  all: readonly (readonly [tag: string, rows: readonly Row[]])[],
): [string, ApiOperation][] {
  return all.flatMap(([tag, rows]) => under(tag, rows));
}

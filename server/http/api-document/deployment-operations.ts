import { z } from 'zod';
import { SiteDeployments } from '../../inventory/site-deployments.ts';
import * as api from '../api.ts';
import { DeploymentsChecked } from '../api-deployment-check.ts';
import * as deploymentStatus from '../api-deployment-status.ts';
import * as sequences from '../api-sequences.ts';
import * as windows from '../api-windows.ts';
import type { Row } from './operation.ts';

const { DeploymentView } = api;

/** The rows of task sequences, deployments and maintenance windows, under their headings. */
export const deploymentOperations: readonly (readonly [tag: string, rows: readonly Row[]])[] = [
  [
    'Task sequences',
    [
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
      [
        'GET /api/v1/sequences/:id/versions/:version',
        'Answers a version',
        sequences.SequenceDetail,
      ],
      ['POST /api/v1/sequences/:id/ready', 'Makes the newest draft ready', sequences.SequenceView],
      ['DELETE /api/v1/sequences/:id', 'Takes a task sequence away', 'nothing'],
      [
        'GET /api/v1/schema/task-sequence.json',
        'Answers the JSON Schema of documents',
        'other-json',
      ],
      [
        'POST /api/v1/sequences/:id/simulate',
        'Says what a task sequence would do on a device',
        'other-json',
      ],
      ['POST /api/v1/simulate', 'Says what a text would do on a device', 'other-json'],
    ],
  ],
  [
    'Deployments',
    [
      ['GET /api/v1/deployments', 'Lists deployments', z.array(DeploymentView)],
      ['POST /api/v1/deployments', 'Deploys a task sequence to a collection', DeploymentView],
      [
        'POST /api/v1/deployments/check',
        'Tells what would keep deployments from being made, with sequences and collections that are to come',
        DeploymentsChecked,
      ],
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
    ],
  ],
  [
    'Maintenance windows',
    [
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
    ],
  ],
];

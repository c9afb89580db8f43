import { z } from 'zod';
import * as api from '../api.ts';
import * as bench from '../api-bench.ts';
import * as conflicts from '../api-device-conflicts.ts';
import * as devices from '../api-devices.ts';
import type { Row } from './operation.ts';

const { DeviceView } = api;

/** The rows of devices, naming and approvals, under their headings. */
export const deviceOperations: readonly (readonly [tag: string, rows: readonly Row[]])[] = [
  [
    'Devices',
    [
      ['GET /api/v1/devices', 'Lists devices', z.array(DeviceView)],
      [
        'GET /api/v1/devices/:id/inventory',
        'Tells all that is known of a device, and its hardware at its starts',
        devices.DeviceInventoryView,
      ],
      ['POST /api/v1/devices', 'Makes or changes a record by hand', DeviceView],
      [
        'POST /api/v1/devices/:id/approve',
        'Approves an unknown machine, or a take-over',
        DeviceView,
      ],
      ['POST /api/v1/devices/:id/ignore', 'Refuses a machine', DeviceView],
      [
        'POST /api/v1/devices/:id/clear',
        'Lets what has run on a device run again',
        api.DeviceCleared,
      ],
      ['PUT /api/v1/devices/:id/name', 'Names a device', DeviceView],
      ['PUT /api/v1/devices/:id/notes', 'Sets the notes on a device', DeviceView],
      ['POST /api/v1/devices/import', 'Imports many devices', devices.DevicesImported],
      [
        'POST /api/v1/devices/approve',
        'Approves many machines, also such as have not come yet',
        bench.ApprovedMany,
      ],
    ],
  ],
  [
    'Conflicts of devices',
    [
      [
        'GET /api/v1/device-conflicts',
        'Lists records that could be one machine',
        z.array(conflicts.ConflictView),
      ],
      ['POST /api/v1/device-conflicts/:device/:other', 'Decides about a conflict', 'nothing'],
      ['POST /api/v1/devices/:id/merge', 'Makes one record of two', conflicts.DeviceMerged],
      ['POST /api/v1/devices/:id/split', 'Makes two records of one', conflicts.DeviceSplit],
      [
        'GET /api/v1/shared-identifiers',
        'Lists identifiers that several machines have',
        z.array(conflicts.SharedView),
      ],
      [
        'POST /api/v1/shared-identifiers',
        'Lists an identifier as that of several machines',
        conflicts.SharedView,
      ],
      [
        'DELETE /api/v1/shared-identifiers/:kind/:value',
        'Lets an identifier identify machines again',
        'nothing',
      ],
    ],
  ],
  [
    'Approvals and names',
    [
      [
        'GET /api/v1/approvals',
        'Lists standing approvals, the newest first',
        z.array(bench.ApprovalView),
      ],
      ['POST /api/v1/approvals', 'Approves machines of a scope for a while', bench.ApprovalMade],
      ['DELETE /api/v1/approvals/:id', 'Ends a standing approval', 'nothing'],
      ['GET /api/v1/naming', 'Lists the rules that name machines', bench.NamingView],
      ['PUT /api/v1/naming', 'Replaces the rules that name machines', bench.NamingView],
      ['POST /api/v1/naming/preview', 'Tells what rules would name devices', bench.NamingPreviewed],
      [
        'GET /api/v1/expected-devices',
        'Lists machines that are expected',
        z.array(bench.ExpectedView),
      ],
      [
        'POST /api/v1/expected-devices',
        'Names and approves machines before they come',
        bench.ExpectedAdded,
      ],
      ['DELETE /api/v1/expected-devices/:kind/:key', 'Expects a machine no more', 'nothing'],
    ],
  ],
];

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Device } from '../../../inventory/device.ts';
import { serialKey } from '../../../inventory/device-keys.ts';
import { scopeText } from '../../../inventory/device-scope.ts';
import { isOpenApproval, type StandingApproval } from '../../../inventory/standing-approval.ts';
import {
  ApprovalCreate,
  ApprovalMade,
  ApprovalView,
  ApprovedMany,
  ApproveMany,
} from '../../api-bench.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { operatorOf } from './authorize.ts';
import { findDevice } from './find-device.ts';

const Params = z.object({ id: z.uuid() });
const MINUTE_MS = 60_000;

/** GET and POST /approvals, DELETE /approvals/:id, POST /devices/approve. */
export const approvalRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;
  const view = (approval: StandingApproval): ApprovalView => ({
    ...approval,
    scopeText: scopeText(approval.scope),
    open: isOpenApproval(approval, nowMs()),
  });

  app.get('/api/v1/approvals', role('operator'), async () =>
    z.array(ApprovalView).parse((await store.approvals.list()).map(view)),
  );

  app.post(
    '/api/v1/approvals',
    { ...role('operator'), schema: { body: ApprovalCreate } },
    async (request) => {
      if ((await store.settings.get()).unknownMachines === 'ignore')
        throw new HttpError(
          409,
          'approval.unknown-ignored',
          'This site ignores machines it has no record of: none would be approved',
          { hint: '"metalwright netboot set --unknown ask" lets them wait' },
        );
      const { scope, forMinutes, most } = request.body;
      const now = nowMs();
      const made = await store.approvals.stand(
        {
          id: randomUUID(),
          who: operatorOf(request),
          endsMs: now + forMinutes * MINUTE_MS,
          scope,
          most,
        },
        { nowMs: now, auditId: randomUUID() },
      );
      await recordChange(services, request, {
        action: 'approval.stand',
        detail: { approval: made.approval.id, scope, forMinutes, most },
        affects: 'boot',
      });
      const approved = made.approved.map(named);
      return ApprovalMade.parse({ approval: view(made.approval), approved });
    },
  );

  app.delete(
    '/api/v1/approvals/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await store.approvals.end(id, nowMs())))
        throw new HttpError(404, 'approval.not-found', `No standing approval ${id} is open`, {
          hint: '"metalwright device approvals" lists them',
        });
      await recordChange(services, request, {
        action: 'approval.end',
        detail: { approval: id },
        affects: 'view',
      });
      return reply.status(204).send();
    },
  );

  app.post(
    '/api/v1/devices/approve',
    { ...role('operator'), schema: { body: ApproveMany } },
    async (request) => {
      const found = new Map<string, Device>();
      for (const wanted of request.body.devices) {
        const device = await findDevice(store, wanted);
        found.set(device.id, device);
      }
      const expected: string[] = [];
      for (const serial of new Set(request.body.serials.map((text) => text.trim()))) {
        const known = await store.devices.withSerial(serialKey(serial));
        for (const device of known) if (device.state !== 'ignored') found.set(device.id, device);
        if (known.length === 0) expected.push(serial);
      }
      const approved = await store.approvals.approve([...found.values()].map(({ id }) => id));
      await store.expectedDevices.add(
        expected.map((key) => ({ kind: 'serial', key, approve: true })),
        { who: operatorOf(request), nowMs: nowMs() },
      );
      for (const { id } of approved) await store.runs.approveTakeover(id);
      await recordChange(services, request, {
        action: 'device.approve-many',
        detail: { devices: approved.map(({ id, name }) => ({ id, name })), expected },
        affects: 'boot',
      });
      return ApprovedMany.parse({ approved: approved.map(named), expected });
    },
  );
};

function named({ id, name, serialNumber }: Device) {
  return { id, name, serialNumber };
}

import { z } from 'zod';
import { DeviceId } from '#agent/protocol/identity.ts';
import { DeviceScope } from '../inventory/device-scope.ts';
import { ExpectedKind } from '../inventory/expected-device.ts';
import { NamingRule } from '../inventory/naming-rule.ts';

const Named = z.object({ id: DeviceId, name: z.string(), serialNumber: z.string().nullable() });

/** GET and POST /approvals: lets unknown machines in before they come. */
export const ApprovalView = z.object({
  id: z.uuid(),
  who: z.string(),
  createdMs: z.int(),
  endsMs: z.int(),
  /** When an operator ended it early. */
  endedMs: z.int().nullable(),
  scope: DeviceScope,
  scopeText: z.string(),
  /** So many machines at most, and how many it has approved. */
  most: z.int(),
  used: z.int(),
  /** Whether it lets anyone in now. */
  open: z.boolean(),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

/** POST /approvals: the scope names something, and it ends within 31 days. */
export const ApprovalCreate = z.strictObject({
  scope: DeviceScope.refine((scope) => Object.keys(scope).length > 0, {
    error: 'name subnets, ports, a relay, a switch, an interface or a model',
  }),
  forMinutes: z
    .int()
    .min(1)
    .max(31 * 24 * 60),
  most: z.int().min(1).max(5000).default(100),
});
/** Its answer: also those that waited already and are approved now. */
export const ApprovalMade = z.object({ approval: ApprovalView, approved: z.array(Named) });

/** POST /devices/approve: many at once. A serial number that nothing has is expected from now on. */
export const ApproveMany = z.strictObject({
  devices: z.array(z.string().max(256)).max(5000).default([]),
  serials: z.array(z.string().trim().min(1).max(256)).max(5000).default([]),
});
export const ApprovedMany = z.object({
  approved: z.array(Named),
  /** Serial numbers of machines that have not come yet: they need no approval when they do. */
  expected: z.array(z.string()),
});

/** GET /expected-devices. */
export const ExpectedView = z.object({
  kind: ExpectedKind,
  key: z.string(),
  name: z.string().nullable(),
  approve: z.boolean(),
  who: z.string(),
  createdMs: z.int(),
  deviceId: z.string().nullable(),
  usedMs: z.int().nullable(),
});
/** POST /expected-devices: names, and approvals, of machines that may not have come yet. */
export const ExpectedAdd = z.strictObject({
  devices: z
    .array(
      z.strictObject({
        kind: ExpectedKind.default('serial'),
        key: z.string().trim().min(1).max(256),
        name: z.string().trim().min(1).max(64).optional(),
        approve: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(5000),
});
/** Its answer: devices that were there already and are named now. */
export const ExpectedAdded = z.object({
  renamed: z.array(z.object({ id: DeviceId, from: z.string(), to: z.string() })),
  expected: z.array(ExpectedView),
});

/** PUT /devices/:id/name. */
export const DeviceName = z.strictObject({ name: z.string().trim().min(1).max(64) });

/** GET and PUT /naming: all rules in their order; a collection by id or name. */
export const NamingView = z.object({
  rules: z.array(NamingRule.extend({ collectionName: z.string().nullable() })),
});
export const NamingSet = z.strictObject({
  rules: z.array(NamingRule.extend({ collection: z.string().min(1).max(128).optional() })).max(100),
});
/** POST /naming/preview: what rules, those that are set or others, would name devices. */
export const NamingPreview = z.strictObject({
  rules: NamingSet.shape.rules.optional(),
  /** Left out: devices that nobody has named yet, at most 100. */
  devices: z.array(z.string().max(256)).max(100).optional(),
});
export const NamingPreviewed = z.array(
  z.object({
    id: DeviceId,
    now: z.string(),
    name: z.string().nullable(),
    by: z.string().nullable(),
    reasons: z.array(z.string()),
  }),
);
export type NamingPreviewed = z.infer<typeof NamingPreviewed>;

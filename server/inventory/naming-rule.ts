import { z } from 'zod';
import { CollectionId } from '#agent/protocol/identity.ts';
import type { Device } from './device.ts';
import { parsePattern } from './device-name.ts';
import { DeviceScope, fitsScope } from './device-scope.ts';
import { InventoryError } from './error.ts';

const Pattern = z
  .string()
  .min(1)
  .max(200)
  .superRefine((text, context) => {
    try {
      parsePattern(text);
    } catch (error) {
      if (!(error instanceof InventoryError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

/** How machines that nobody named are named. Of all rules in their order, the first that fits makes the name. */
export const NamingRule = z.strictObject({
  pattern: Pattern,
  /** Members of this collection only. */
  collection: CollectionId.optional(),
  scope: DeviceScope.default({}),
  /** Letters of the name as they come, or all upper or lower. */
  letters: z.enum(['upper', 'lower', 'as-is']).default('upper'),
  /** When another device has the name: a number behind it, or no name by this rule. */
  onCollision: z.enum(['suffix', 'refuse']).default('suffix'),
});
export type NamingRule = z.infer<typeof NamingRule>;

/** All rules, in their order. */
export const NamingRules = z.array(NamingRule).max(100);

/** Whether a rule is for this device. */
export function fitsRule(
  rule: NamingRule,
  device: Device,
  memberOf: ReadonlySet<CollectionId>,
): boolean {
  return (
    (rule.collection === undefined || memberOf.has(rule.collection)) &&
    fitsScope(rule.scope, device)
  );
}

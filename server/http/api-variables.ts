import { z } from 'zod';

/** A variable of a collection or device. The value of a secret one is never answered: it is empty here. */
export const VariableView = z.object({
  name: z.string(),
  value: z.string(),
  secret: z.boolean(),
});
export type VariableView = z.infer<typeof VariableView>;

/**
 * PUT /collections/:id/variables/:name and /devices/:id/variables/:name. An empty value takes away
 * what a collection of lower precedence says. One that is secret stays so until it is deleted.
 */
export const VariableSet = z.strictObject({
  value: z.string().max(4000),
  secret: z.boolean().optional(),
});

/** A feature that is off until somebody switches it on. GET /features, PUT /features/:name. */
export const FeatureView = z.object({
  name: z.enum(['child-sequences']),
  description: z.string(),
  enabled: z.boolean(),
});
export type FeatureView = z.infer<typeof FeatureView>;
export const FeatureSwitch = z.strictObject({ enabled: z.boolean() });

import { z } from 'zod';

/** What main.ts hands to the process of one scenario, as one argument. */
const Assignment = z.strictObject({
  scenario: z.string(),
  directory: z.string(),
  foreignNamespace: z.string(),
  images: z.strictObject({ bootImages: z.string(), osImage: z.string() }),
  windows: z
    .strictObject({ iso: z.string(), edition: z.string().optional(), report: z.string() })
    .optional(),
});
export type Assignment = z.infer<typeof Assignment>;

/** @throws {z.ZodError} on anything but what `JSON.stringify(assignment)` made */
export function parseAssignment(json: string): Assignment {
  return Assignment.parse(JSON.parse(json));
}

/** What the process of a scenario leaves in `result.json`. */
export const ScenarioResult = z.strictObject({
  /** Why it failed, in one line; null when it passed. */
  failure: z.string().nullable(),
  boots: z.int(),
});
export type ScenarioResult = z.infer<typeof ScenarioResult>;

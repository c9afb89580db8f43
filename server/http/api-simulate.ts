import { z } from 'zod';
import { VariableChange } from '#agent/protocol/run-event.ts';

const Said = { node: z.string().min(1).max(512) };

/**
 * POST /sequences/:id/simulate, answered with a `SimulationReport` (agent/simulated-machine/report.ts).
 * `device` is an id or name, or a description as `metalwright sequence simulate` reads it.
 */
export const SimulateSequence = z.strictObject({
  device: z.union([z.string().min(1).max(256), z.looseObject({ name: z.string() })]),
  variables: z.array(VariableChange).max(1000).default([]),
  fail: z
    .array(z.strictObject({ ...Said, code: z.int() }))
    .max(1000)
    .default([]),
  answers: z
    .array(z.strictObject({ ...Said, verdict: z.boolean() }))
    .max(1000)
    .default([]),
});

/** POST /simulate: the same of a text that is not stored. */
export const SimulateText = SimulateSequence.extend({ text: z.string().max(2 * 1024 * 1024) });

import type { Scenario } from '../scenario.ts';

/** Every scenario, in the order they run. */
export const scenarios: readonly Scenario[] = [];

import type { QueryCapability } from '../query-capability.ts';
import type { Variables } from '../variables.ts';

/** True or false, and the expressions that made it so, for the log. */
export interface Verdict {
  readonly verdict: boolean;
  readonly detail: string;
}

/** What the machine says to one expression, and what was seen there. */
export interface MachineAnswer {
  readonly verdict: boolean;
  readonly seen: string;
}

/** What a condition is decided on. */
export interface ConditionGround {
  readonly variables: Variables;
  readonly query: QueryCapability;
  /** Takes out of a text what no log may show, beside the values of variables. */
  readonly hide?: (text: string) => string;
  readonly signal: AbortSignal;
}

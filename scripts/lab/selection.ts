import type { Scenario } from './scenario.ts';

/** Which scenarios to run; `left` are those that wait for another turn, which is not a skip. */
export interface Selection {
  readonly chosen: readonly Scenario[];
  readonly left: readonly Scenario[];
}

/**
 * The core always, then others from a starting point that `turn` moves on, as long as their estimates
 * fit into `budgetSeconds`. Over as many turns as there are others each one comes first once, so none
 * is left out for ever unless it alone is longer than the budget.
 */
export function selectByBudget(
  scenarios: readonly Scenario[],
  budgetSeconds: number,
  turn: number,
): Selection {
  const core = scenarios.filter((scenario) => scenario.core);
  const others = scenarios.filter((scenario) => !scenario.core);
  const start = others.length === 0 ? 0 : turn % others.length;
  let left = budgetSeconds;
  const rotation = [...others.slice(start), ...others.slice(0, start)].filter((scenario) => {
    const fits = scenario.estimateSeconds <= left;
    if (fits) left -= scenario.estimateSeconds;
    return fits;
  });
  return split(scenarios, [...core, ...rotation]);
}

/** The scenarios with these names, in the order of the list. @throws {RangeError} on an unknown name */
export function selectByName(scenarios: readonly Scenario[], names: readonly string[]): Selection {
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0)
    throw new RangeError(`no scenario is called ${unknown.join(', ')}; see --list`);
  return split(
    scenarios,
    scenarios.filter((scenario) => names.includes(scenario.name)),
  );
}

function split(all: readonly Scenario[], chosen: readonly Scenario[]): Selection {
  return { chosen, left: all.filter((scenario) => !chosen.includes(scenario)) };
}

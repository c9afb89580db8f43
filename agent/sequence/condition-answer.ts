import { answerOsLanguage, describeOsLanguage } from './condition/os-language.ts';
import { answerOsVersion, describeOsVersion } from './condition/os-version.ts';
import { answerPath, describePath } from './condition/path.ts';
import { putVariables } from './condition/put-variables.ts';
import { answerRegistry, describeRegistry } from './condition/registry.ts';
import { answerSoftware, describeSoftware } from './condition/software.ts';
import type { ConditionGround, MachineAnswer, Verdict } from './condition/verdict.ts';
import { answerWmi, describeWmi } from './condition/wmi.ts';
import { type Condition, decideCondition, type MachineExpression } from './condition.ts';

/**
 * Decides a condition, asking the machine for no more than it takes. What cannot be answered counts as
 * false, and the detail says why. Never throws but for a cancellation.
 */
export async function answerCondition(
  condition: Condition,
  ground: ConditionGround,
): Promise<Verdict> {
  const decision = decideCondition(condition, ground.variables);
  let next = decision.next();
  while (next.done !== true) next = decision.next(await answerExpression(next.value, ground));
  return next.value;
}

/**
 * What the machine says to one expression; its detail may hold secrets. Decides for `decideCondition`.
 */
async function answerExpression(
  asked: MachineExpression,
  ground: ConditionGround,
): Promise<Verdict> {
  const expression = putVariables(asked, ground.variables);
  const sentence = describe(expression);
  const { hide = (text: string) => text, signal } = ground;
  signal.throwIfAborted();
  try {
    const { verdict, seen } = await answer(expression, ground);
    return { verdict, detail: hide(`${sentence}: ${verdict} (${seen})`) };
  } catch (error) {
    if (signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return { verdict: false, detail: hide(`${sentence}: false (cannot be answered: ${reason})`) };
  }
}

function describe(expression: MachineExpression): string {
  switch (expression.kind) {
    case 'file':
    case 'folder':
      return describePath(expression);
    case 'registry':
      return describeRegistry(expression);
    case 'software':
      return describeSoftware(expression);
    case 'wmi':
      return describeWmi(expression);
    case 'os-version':
      return describeOsVersion(expression);
    case 'os-language':
      return describeOsLanguage(expression);
  }
}

async function answer(
  expression: MachineExpression,
  ground: ConditionGround,
): Promise<MachineAnswer> {
  switch (expression.kind) {
    case 'file':
    case 'folder':
      return answerPath(expression, ground);
    case 'registry':
      return answerRegistry(expression, ground);
    case 'software':
      return answerSoftware(expression, ground);
    case 'wmi':
      return answerWmi(expression, ground);
    case 'os-version':
      return answerOsVersion(expression, ground);
    case 'os-language':
      return answerOsLanguage(expression, ground);
  }
}

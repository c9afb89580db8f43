import type { ImportNeed, MappedAction } from '../../map-step.ts';
import type { ShareContext } from '../share-context.ts';
import { type MadeRules, makeRules } from './make-rules.ts';
import type { DynamicRule } from './rule-parts.ts';

/** The rules of one file as steps. */
export interface RuleSteps {
  readonly actions: readonly MappedAction[];
  readonly needs: readonly ImportNeed[];
}

/** A step has this many rules at most. */
const RULES_OF_A_STEP = 1000;

/**
 * The rules of a file of a share, by a name that a step has for it: `CustomSettings_%TaskSequenceID%.ini`.
 * Undefined where there is no such file.
 */
export function ruleSteps(
  { rules: files, sequenceId }: Pick<ShareContext, 'rules' | 'sequenceId'>,
  named: string,
  applicationName: (guid: string) => string | undefined,
): RuleSteps | undefined {
  const name = named
    .replaceAll(/%TaskSequenceID%/gi, () => sequenceId)
    .replace(/^.*[\\/]/s, '')
    .trim();
  const file = files.get(name.toLowerCase());
  if (file === undefined) return undefined;
  const { rules, needs }: MadeRules = makeRules(file, { from: name, applicationName });
  return { actions: stepsOf(rules, name), needs };
}

function stepsOf(rules: readonly DynamicRule[], file: string): readonly MappedAction[] {
  return Array.from({ length: Math.ceil(rules.length / RULES_OF_A_STEP) }, (_, part) => ({
    name: `Rules of ${file}`.slice(0, 100) + (part === 0 ? '' : `, ${part + 1}`),
    type: 'set-dynamic-variables',
    params: { rules: rules.slice(part * RULES_OF_A_STEP, (part + 1) * RULES_OF_A_STEP) },
  }));
}

/** Told where the rules of a share are processed and the share is not there. */
export function rulesNeed(named: string): ImportNeed {
  return {
    kind: 'reference',
    message: `It processes the rules of ${named}, which are not here`,
    hint: 'Import the whole deployment share: metalwright import mdt <folder>; or set what they set as variables of collections and devices.',
  };
}

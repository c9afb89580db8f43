import { branchOf } from '#agent/sequence/condition/tree.ts';
import { evaluateCondition, type Verdict } from '#agent/sequence/condition.ts';
import { substitute, type Variables } from '#agent/sequence/variables.ts';
import type { ComputerExpression, RuleCondition, RuleExpression } from './rule-condition.ts';

/**
 * Decides the condition of a rule on what was gathered and on all other variables. `%Name%` is put into
 * its values. Like a step's: empty `all` and `none` are true, an empty `any` is false.
 */
export function evaluateRule(condition: RuleCondition, variables: Variables): Verdict {
  if ('kind' in condition) return evaluateLeaf(condition, variables);
  const { word, children } = branchOf(condition);
  const stopAt = word !== 'all';
  const details: string[] = [];
  for (const child of children) {
    const { verdict, detail } = evaluateRule(child, variables);
    details.push(detail);
    if (verdict === stopAt)
      return { verdict: word === 'any', detail: `${word}(${details.join('; ')})` };
  }
  return { verdict: word !== 'any', detail: `${word}(${details.join('; ')})` };
}

function evaluateLeaf(leaf: RuleExpression, variables: Variables): Verdict {
  switch (leaf.kind) {
    case 'variable':
      return evaluateCondition(leaf, variables);
    case 'make-model':
      return evaluateCondition(
        { all: [like('_SMSTSMake', leaf.make), like('_SMSTSModel', leaf.model)] },
        variables,
      );
    case 'location':
      return isOneOf('_SMSTSDefaultGateways', leaf.defaultGateway, { variables });
    case 'computer':
  }
  return evaluateComputer(leaf, variables);
}

function like(variable: string, value: string) {
  return { kind: 'variable', variable, operator: 'like', value } as const;
}

function evaluateComputer(computer: ComputerExpression, variables: Variables): Verdict {
  const { assetTag = [], serialNumber = [], uuid = [], macAddress = [] } = computer;
  const verdicts = [
    isOneOf('_SMSTSAssetTag', assetTag, { variables, isOne: true }),
    isOneOf('_SMSTSSerialNumber', serialNumber, { variables, isOne: true }),
    isOneOf('_SMSTSUUID', uuid, { variables, plain: hexadecimal }),
    isOneOf('_SMSTSMacAddresses', macAddress, { variables, plain: hexadecimal }),
  ];
  const found = verdicts.find(({ verdict }) => verdict);
  if (found !== undefined) return found;
  const looked = verdicts.filter(({ detail }) => detail !== '');
  return { verdict: false, detail: looked.map(({ detail }) => detail).join('; ') };
}

/**
 * Whether a value of the variable, a list with commas unless it `isOne`, is among those wanted; without
 * case. What became empty by a variable without value fits nothing.
 */
function isOneOf(
  name: string,
  wanted: readonly string[],
  {
    variables,
    isOne = false,
    plain = (text) => text.trim().toLowerCase(),
  }: {
    readonly variables: Variables;
    readonly isOne?: boolean;
    readonly plain?: (text: string) => string;
  },
): Verdict {
  if (wanted.length === 0) return { verdict: false, detail: '' };
  const seen = variables.value(name) ?? '';
  const actual = new Set((isOne ? [seen] : seen.split(',')).map(plain));
  const verdict = wanted.some((text) => {
    const value = plain(substitute(text, variables).text);
    return value !== '' && actual.has(value);
  });
  return { verdict, detail: `${name} is one of ${wanted.length}: ${verdict} (is "${seen}")` };
}

/** MAC addresses and UUIDs are written with and without `:`, `-` and braces. */
function hexadecimal(text: string): string {
  return text.replaceAll(/[\s:.{}-]/g, '').toLowerCase();
}

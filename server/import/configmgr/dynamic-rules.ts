/**
 * The rules of Set Dynamic Variables, which are an XML text inside a value (reference: task-sequence-xml,
 * section 6): expressions side by side must all hold; later assignments win.
 */

import { paramsProblems } from '#agent/sequence/step-params.ts';
import { VARIABLE_MARK, variableNameProblem } from '#agent/sequence/variables.ts';
import { setDynamicVariables } from '#agent/steps/set-dynamic-variables.ts';
import { variableOperatorOf } from '../conditions/operators.ts';
import type { ImportNeed } from '../map-step.ts';
import { childOf, childrenOf, parseXml, type XmlElement } from '../read/xml.ts';
import { isPlainSecret } from './secret-value.ts';

/** Rules as the step has them, and what of them a person must look at. */
interface DynamicRules {
  readonly rules: readonly object[];
  readonly needs: readonly ImportNeed[];
}
/** Makes the stand-in of a hidden value, and tells of it. */
type HideValue = (name: string, isWritten: boolean) => string;

/** @throws {ImportError} `import.xml*`: the text is not well-formed, too deep or too large */
export function readDynamicRules(xml: string, hide: HideValue): DynamicRules {
  const root = parseXml(xml.trim(), 'the rules of dynamic variables');
  const needs: ImportNeed[] = [];
  const rules = childrenOf(root, 'Rule').flatMap((rule, index) => {
    const reading = { title: `Rule ${index + 1}`, needs };
    const variables = childrenOf(childOf(rule, 'Variables') ?? rule, 'Variable').flatMap(
      (variable) => readVariable(variable, hide, reading),
    );
    // One that sets nothing does nothing.
    if (variables.length === 0) return [];
    const condition = readCondition(childOf(rule, 'condition'), reading);
    return checked(condition === undefined ? { variables } : { condition, variables }, reading);
  });
  return { rules, needs };
}

/** A rule that the step refuses is left out, and told. */
function checked(rule: object, { title, needs }: Reading): readonly object[] {
  const [problem] = paramsProblems(setDynamicVariables, { rules: [rule] }, '');
  if (problem === undefined) return [rule];
  const message = `${title} was not taken over: ${problem.path.replace(/^rules\[0\]\.?/, '')}: ${problem.message}`;
  needs.push({ kind: 'setting', message });
  return [];
}

function readVariable(
  { attributes, text }: XmlElement,
  hide: HideValue,
  { title, needs }: Reading,
): object[] {
  const name = attributes['Name']?.trim() ?? '';
  const problem = name.search(VARIABLE_MARK) < 0 ? variableNameProblem(name) : undefined;
  if (problem !== undefined) {
    needs.push({ kind: 'setting', message: `${title}: a variable was not taken over: ${problem}` });
    return [];
  }
  const isSecret = attributes['IsSecret']?.trim().toLowerCase() === 'true';
  if (!isSecret && !isPlainSecret(name, text)) return [{ name, value: text }];
  return [{ name, value: hide(name, text !== ''), secret: true }];
}

interface Reading {
  readonly title: string;
  readonly needs: ImportNeed[];
}

const words: Readonly<Record<string, 'all' | 'any' | 'none'>> = {
  and: 'all',
  or: 'any',
  not: 'none',
};

function readCondition(element: XmlElement | undefined, reading: Reading): unknown {
  const parts = (element?.children ?? []).flatMap((child) => readPart(child, reading));
  return parts.length < 2 ? parts[0] : { all: parts };
}

function readPart(element: XmlElement, reading: Reading): unknown[] {
  const type = element.attributes['type'] ?? '';
  if (element.name === 'operator') {
    const word = words[type.trim().toLowerCase()];
    if (word === undefined) return [unanswered(`the operator ${JSON.stringify(type)}`, reading)];
    return [{ [word]: element.children.flatMap((child) => readPart(child, reading)) }];
  }
  const kind = /^(?:SMS_TaskSequence_)?(\w*?)(?:Condition)?Expression$/i.exec(type.trim())?.[1];
  const fields = new Map(
    childrenOf(element, 'variable').map(({ attributes, text }) => [
      (attributes['name'] ?? '').toLowerCase(),
      text,
    ]),
  );
  const field = (name: string): string => fields.get(name)?.trim() ?? '';
  switch (element.name === 'expression' ? (kind ?? '').toLowerCase() : '') {
    case 'variable':
      return [readVariableExpression(fields, reading)];
    case 'makemodel':
      return [{ kind: 'make-model', make: field('make') || '*', model: field('model') || '*' }];
    case 'computer':
      return [readComputer(field, reading)];
    case 'location':
    case 'defaultgateway':
      return [readLocation(fields, reading)];
    default:
      return [unanswered(`an expression of the type ${JSON.stringify(type)}`, reading)];
  }
}

function readVariableExpression(fields: ReadonlyMap<string, string>, reading: Reading): unknown {
  const variable = (fields.get('variable') ?? '').trim().replace(/^%(.+)%$/, '$1');
  const operator = variableOperatorOf(fields.get('operator') ?? '');
  if (variable === '' || operator === undefined)
    return unanswered(`the comparison of ${JSON.stringify(variable)}`, reading);
  if (operator === 'exists' || operator === 'notExists')
    return { kind: 'variable', variable, operator };
  return { kind: 'variable', variable, operator, value: fields.get('value') ?? '' };
}

/** What is empty does not matter. */
function readComputer(field: (name: string) => string, reading: Reading): unknown {
  const named = {
    assetTag: field('assettag'),
    macAddress: field('macaddress'),
    serialNumber: field('serialnumber'),
    uuid: field('uuid'),
  };
  const wanted = Object.entries(named).filter(([, value]) => value !== '');
  if (wanted.length === 0) return unanswered('a computer that has no mark', reading);
  return { kind: 'computer', ...Object.fromEntries(wanted) };
}

/** The field is not documented: any one that is filled is the gateway. */
function readLocation(fields: ReadonlyMap<string, string>, reading: Reading): unknown {
  const gateways = [...fields.values()].map((value) => value.trim()).filter(Boolean);
  if (gateways.length === 0) return unanswered('a location without a gateway', reading);
  return { kind: 'location', defaultGateway: gateways };
}

/** Never holds, until a person has set the variable or written a condition. */
function unanswered(what: string, { title, needs }: Reading): unknown {
  const variable = `ImportedRule${needs.length + 1}`;
  needs.push({
    kind: 'condition',
    message: `${title} has ${what}, which is not known`,
    hint: `Write a condition in its place; as it is, it holds where ${variable} is true.`,
  });
  return { kind: 'variable', variable, operator: 'equals', value: 'true' };
}

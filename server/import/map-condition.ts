import { MAX_CONDITION_DEPTH, MAX_CONDITION_NODES } from '#agent/sequence/condition/tree.ts';
import { readCondition } from '#agent/sequence/condition-document.ts';
import { mapExpression } from './conditions/expression.ts';
import { mapPlatformKey } from './conditions/os-version.ts';
import type { ImportNeed } from './map-step.ts';
import type { SourceCondition, SourceFormat } from './source-sequence.ts';

/** What the condition of a foreign step or group became. */
export interface MappedCondition {
  /** As documents have it; undefined where the source has none. */
  readonly condition?: unknown;
  /** Expressions of the source. */
  readonly expressions: number;
  /** Those of them that mean the same here. */
  readonly mapped: number;
  readonly needs: readonly ImportNeed[];
  /** XML of what has no counterpart. */
  readonly origin?: string;
}

/**
 * Makes a condition of a document from that of a foreign step or group. What is empty or broken beyond
 * meaning keeps its place as a question to a variable that a person sets.
 * @param nextPlaceholder counts those variables: one counter for a whole sequence
 */
export function mapCondition(
  operands: readonly SourceCondition[],
  format: SourceFormat,
  nextPlaceholder: () => number = counter(),
): MappedCondition {
  const mapping: Mapping = {
    format,
    nextPlaceholder,
    expressions: 0,
    mapped: 0,
    needs: [],
    origin: [],
  };
  const parts = operands.map((operand) => mapOperand(operand, mapping));
  const joined = parts.length < 2 ? parts[0] : { all: parts };
  const condition = joined === undefined ? undefined : fitting(joined, operands, mapping);
  return {
    ...(condition === undefined ? {} : { condition }),
    expressions: mapping.expressions,
    mapped: mapping.mapped,
    needs: mapping.needs,
    ...(mapping.origin.length === 0 ? {} : { origin: mapping.origin.join('\n') }),
  };
}

function counter(): () => number {
  let count = 0;
  return () => ++count;
}

interface Mapping {
  readonly format: SourceFormat;
  readonly nextPlaceholder: () => number;
  expressions: number;
  mapped: number;
  readonly needs: ImportNeed[];
  readonly origin: string[];
}

/** The words of an operator; those of the editor too. */
const words = new Map<string, 'all' | 'any' | 'none'>([
  ['and', 'all'],
  ['all', 'all'],
  ['or', 'any'],
  ['any', 'any'],
  ['not', 'none'],
  ['none', 'none'],
]);

function mapOperand(operand: SourceCondition, mapping: Mapping): unknown {
  switch (operand.kind) {
    case 'operator': {
      const word = words.get(operand.word.trim().toLowerCase());
      if (word === undefined) {
        const reason = `the operator ${JSON.stringify(operand.word)} is not known`;
        return placeholder(xmlOf(operand), reason, mapping, expressionsIn([operand]));
      }
      if (word === 'any' && operand.operands.length === 0)
        mapping.needs.push({
          kind: 'condition',
          message: 'A condition has "any of these" with nothing in it: it is never true',
          hint: 'Write what is to be true, or take it out.',
        });
      return { [word]: operand.operands.map((inner) => mapOperand(inner, mapping)) };
    }
    case 'expression': {
      const { condition, reason } = checked(mapExpression(operand));
      if (condition === undefined) return placeholder(operand.xml, reason, mapping);
      mapping.expressions++;
      mapping.mapped++;
      return condition;
    }
    case 'platforms': {
      const any = operand.platforms.map((platform) => mapPlatform(platform, operand.xml, mapping));
      return any.length === 1 ? any[0] : { any };
    }
    case 'unknown':
      return placeholder(operand.xml, 'such an element is not known', mapping);
  }
}

type Platform = Extract<SourceCondition, { kind: 'platforms' }>['platforms'][number];

/** A platform is what its queries say; its key only where it has none. */
function mapPlatform({ name, key, operands }: Platform, xml: string, mapping: Mapping): unknown {
  if (operands.length > 0) {
    const all = operands.map((inner) => mapOperand(inner, mapping));
    return all.length === 1 ? all[0] : { all };
  }
  const { condition, reason } = checked(mapPlatformKey(name, key));
  if (condition === undefined) return placeholder(xml, reason, mapping);
  mapping.expressions++;
  mapping.mapped++;
  return condition;
}

/** What a document would say to a condition: one that it refuses is none. */
function checked(mapped: { readonly condition?: unknown; readonly reason?: string }): {
  readonly condition?: unknown;
  readonly reason: string;
} {
  if (mapped.condition === undefined) return { reason: mapped.reason ?? 'it says nothing' };
  const problems: string[] = [];
  readCondition(mapped.condition, '', ({ message }) => problems.push(message));
  return problems.length === 0
    ? { condition: mapped.condition, reason: '' }
    : { reason: problems.join('; ') };
}

function placeholder(xml: string, reason: string, mapping: Mapping, expressions = 1): unknown {
  const variable = `ImportedCondition${mapping.nextPlaceholder()}`;
  mapping.expressions += expressions;
  mapping.origin.push(xml);
  mapping.needs.push({
    kind: 'condition',
    message: `A condition cannot be answered here: ${reason}`,
    hint: `Set the variable ${variable} to true where the step is to run, or write a condition in its place.`,
  });
  return { kind: 'variable', variable, operator: 'equals', value: 'true' };
}

/** A condition that is too deep or too large for a document becomes one question as a whole. */
function fitting(
  condition: unknown,
  operands: readonly SourceCondition[],
  mapping: Mapping,
): unknown {
  const { depth, nodes } = sizeOf(condition);
  if (depth <= MAX_CONDITION_DEPTH && nodes <= MAX_CONDITION_NODES) return condition;
  const reason = `it nests ${depth} deep and has ${nodes} parts; ${MAX_CONDITION_DEPTH} and ${MAX_CONDITION_NODES} are allowed`;
  mapping.expressions = 0;
  mapping.mapped = 0;
  mapping.needs.length = 0;
  mapping.origin.length = 0;
  const xml = operands.map(xmlOf).join('\n');
  return placeholder(xml, reason, mapping, expressionsIn(operands));
}

function sizeOf(condition: unknown): { readonly depth: number; readonly nodes: number } {
  const lists = Object.values(Object(condition) as object).filter(Array.isArray);
  const inner = lists
    .flat()
    .filter((each) => typeof each === 'object')
    .map(sizeOf);
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    nodes: 1 + inner.reduce((sum, { nodes }) => sum + nodes, 0),
  };
}

/** Expressions below operands; an operator or platform without any counts as one. */
function expressionsIn(operands: readonly SourceCondition[]): number {
  const counts = operands.map((operand) => {
    if (operand.kind === 'operator') return expressionsIn(operand.operands);
    if (operand.kind !== 'platforms') return 1;
    const inner = operand.platforms.map(({ operands: own }) => Math.max(1, expressionsIn(own)));
    return inner.reduce((sum, count) => sum + count, 0);
  });
  return Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
}

function xmlOf(operand: SourceCondition): string {
  if (operand.kind !== 'operator') return operand.xml;
  const type = operand.word
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;');
  return `<operator type="${type}">${operand.operands.map(xmlOf).join('')}</operator>`;
}

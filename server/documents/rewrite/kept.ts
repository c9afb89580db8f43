import { type Document, isAlias, type Node, visit } from 'yaml';
import { isSameValue } from '../same-value.ts';
import type { Plan } from './plan.ts';

/** Whether the text of a node stays as it is. */
export function isKept(plan: Plan, node: unknown, old: unknown, fresh: unknown): boolean {
  if (!isSameValue(old, fresh)) return false;
  return !plan.writesAliasesOut || !hasAlias(node);
}

function hasAlias(node: unknown): boolean {
  if (isAlias(node)) return true;
  if (!isVisitable(node)) return false;
  let found = false;
  visit(node, {
    Alias() {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

function isVisitable(node: unknown): node is Node | Document {
  return typeof node === 'object' && node !== null && 'toJSON' in node;
}

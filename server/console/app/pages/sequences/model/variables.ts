import { type EditSequence, isFields, listNodes, typeOf } from './tree.ts';

/** A place where a variable is set or read. */
export interface VariableUse {
  readonly node: number;
  /** `params.value`, `condition`. */
  readonly where: string;
}

/** A variable that the document speaks of. Names are compared without case. */
export interface UsedVariable {
  readonly name: string;
  readonly set: readonly VariableUse[];
  readonly read: readonly VariableUse[];
}

const MARK = /%([A-Za-z_][A-Za-z0-9_-]{0,255})%/g;
/** Settings that name a variable which the step sets. */
const setting = new Set(['outputVariable', 'driveVariable']);

/** Every variable with where it is set and read, by name. What scripts do inside is not known. */
export function usedVariables(sequence: EditSequence): readonly UsedVariable[] {
  const found = new Map<string, { name: string; set: VariableUse[]; read: VariableUse[] }>();
  const note = (name: string, how: 'set' | 'read', use: VariableUse): void => {
    if (name === '' || name.includes('%')) return;
    const key = name.toLowerCase();
    const entry = found.get(key) ?? { name, set: [], read: [] };
    found.set(key, entry);
    const isKnown = entry[how].some(({ node, where }) => node === use.node && where === use.where);
    if (!isKnown) entry[how].push(use);
  };
  const walk = (value: unknown, use: VariableUse, key: string, type: string): void => {
    if (typeof value === 'string') {
      for (const [, name = ''] of value.matchAll(MARK)) note(name, 'read', use);
      if (setting.has(key)) note(value, 'set', use);
    } else if (Array.isArray(value)) {
      for (const each of value as unknown[]) walk(each, use, key, type);
    } else if (isFields(value)) {
      // A partition names the variable that its volume is put into; anything else reads what it names.
      const { variable } = value;
      if (typeof variable === 'string')
        note(variable, type === 'format-disk' && key === 'partitions' ? 'set' : 'read', use);
      if (key === 'variables' && typeof value['name'] === 'string') note(value['name'], 'set', use);
      for (const [name, inner] of Object.entries(value)) walk(inner, use, name, type);
    }
  };
  for (const { node } of listNodes(sequence)) {
    const { params, condition } = node.fields;
    const type = typeOf(node);
    if (isFields(params)) {
      const { name } = params;
      if (type === 'set-variable' && typeof name === 'string')
        note(name, 'set', { node: node.id, where: 'params.name' });
      for (const [key, value] of Object.entries(params))
        walk(value, { node: node.id, where: `params.${key}` }, key, type);
    }
    if (condition !== undefined)
      walk(condition, { node: node.id, where: 'condition' }, 'condition', type);
  }
  return [...found.values()].sort((one, other) => one.name.localeCompare(other.name));
}

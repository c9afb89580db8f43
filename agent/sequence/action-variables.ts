/**
 * Settings of a step as variables (reference: variables, kinds, *action*). While a step runs its
 * settings are in the environment; one that was set beforehand replaces the step's own and stays.
 */
import type { z } from 'zod';
import { type ActionVariables, type StepDefinition, StepError } from './step.ts';
import type { Variable } from './variables.ts';

/** A setting that one variable holds. */
interface ActionSetting {
  /** Name of the param; `account.name` for one inside another. */
  readonly param: string;
  /** What the text of the variable becomes; `text` by default. */
  readonly type?: 'text' | 'number' | 'boolean';
  /** The texts that the variable has for a choice, and what the step says for each. */
  readonly words?: Readonly<Record<string, string>>;
  /** What the step takes for this param: a preset text that it refuses is told with the variable's name. */
  readonly schema: z.ZodType;
}

type Settings = Readonly<Record<string, unknown>>;

/** Action variables of which each is one setting: variable name to setting. */
export function plainActionVariables(
  settings: Readonly<Record<string, ActionSetting>>,
): ActionVariables {
  return {
    toVariables(params) {
      const variables: Record<string, string> = {};
      for (const [name, { param, words }] of Object.entries(settings)) {
        const text = textOf(valueAt(params, param.split('.')));
        if (text !== undefined) variables[name] = wordOf(text, words);
      }
      return variables;
    },
    override(params, preset) {
      let overridden = params;
      for (const [name, { param, type, words, schema }] of Object.entries(settings)) {
        const text = preset(name);
        if (text === undefined) continue;
        const value = words === undefined ? valueOf(name, text, type) : choice(name, text, words);
        checkPreset(name, schema, value);
        overridden = withValue(overridden, param.split('.'), value);
      }
      return overridden;
    },
  };
}

/** The action variables of several parts of one step. */
export function joinActionVariables(...parts: readonly ActionVariables[]): ActionVariables {
  return {
    toVariables: (params) =>
      Object.fromEntries(parts.flatMap((part) => Object.entries(part.toVariables(params)))),
    override: (params, preset) =>
      parts.reduce((overridden, part) => part.override(overridden, preset), params),
  };
}

/** A setting that is a list of texts, held by one variable with commas. */
export function listActionVariable(
  name: string,
  { param, schema }: Pick<ActionSetting, 'param' | 'schema'>,
): ActionVariables {
  return {
    toVariables(params) {
      const list = params[param];
      const isList = Array.isArray(list) && list.length > 0;
      return isList ? { [name]: list.join(',') } : typeof list === 'string' ? { [name]: list } : {};
    },
    override(params, preset) {
      const text = preset(name);
      if (text === undefined) return params;
      const parts = text.split(',').map((part) => part.trim());
      const value = parts.filter(Boolean);
      checkPreset(name, schema, value);
      return { ...params, [param]: value };
    },
  };
}

/**
 * Variables that are only where the other settings let them be. Elsewhere the settings named last are
 * taken out: a variable may have taken away what they go with.
 */
export function actionVariablesWhere(
  applies: (params: Settings) => boolean,
  part: ActionVariables,
  ...dependent: readonly string[]
): ActionVariables {
  return {
    toVariables: (params) => (applies(params) ? part.toVariables(params) : {}),
    override(params, preset) {
      if (applies(params)) return part.override(params, preset);
      const kept = Object.entries(params).filter(([name]) => !dependent.includes(name));
      return Object.fromEntries(kept);
    },
  };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function wordOf(value: string, words: Readonly<Record<string, string>> = {}): string {
  return Object.entries(words).find(([, choice]) => choice === value)?.[0] ?? value;
}

function choice(name: string, text: string, words: Readonly<Record<string, string>>): string {
  const found = Object.entries(words).find(
    ([word]) => word.toLowerCase() === text.trim().toLowerCase(),
  );
  if (found !== undefined) return found[1];
  throw badPreset(name, `"${text}" is none of ${Object.keys(words).join(', ')}`);
}

/** The settings that a step has when it runs: those preset by variables put in, and all as variables. */
export function presetSettings(
  { actionVariables }: Pick<StepDefinition, 'actionVariables'>,
  params: unknown,
  variables: { get(name: string): Variable | undefined },
): { readonly params: unknown; readonly action: Readonly<Record<string, string>> } {
  if (actionVariables === undefined || typeof params !== 'object' || params === null)
    return { params, action: {} };
  const settings = actionVariables.override({ ...params }, (name) => {
    const found = variables.get(name);
    return found?.withheld === true ? undefined : found?.value;
  });
  return { params: settings, action: actionVariables.toVariables(settings) };
}

/** @throws {StepError} `step.params`, naming the variable, when the step does not take the value */
export function checkPreset(name: string, schema: z.ZodType, value: unknown): void {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw badPreset(name, parsed.error.issues[0]?.message ?? 'not understood');
}

function valueOf(name: string, text: string, type: ActionSetting['type'] = 'text'): unknown {
  switch (type) {
    case 'text':
      return text;
    case 'number':
      return wholeNumberOf(name, text);
    case 'boolean':
  }
  return booleanOf(name, text);
}

/** Digits as a number. @throws {StepError} `step.params` */
export function wholeNumberOf(name: string, text: string): number {
  if (!/^\s*\d{1,15}\s*$/.test(text)) throw badPreset(name, `"${text}" is no whole number`);
  return Number(text);
}

/** `true` or `false`, in any case. @throws {StepError} `step.params` */
export function booleanOf(name: string, text: string): boolean {
  const value = text.trim().toLowerCase();
  if (value !== 'true' && value !== 'false')
    throw badPreset(name, `"${text}" is neither true nor false`);
  return value === 'true';
}

/** The error of a variable that was set beforehand to what the step does not take. */
export function badPreset(name: string, problem: string): StepError {
  return new StepError('step.params', `The variable ${name} overrides a setting: ${problem}`, {
    exitCode: 0x80070057,
    hint: `Correct ${name} where it is set, or delete it: then the step's own setting counts.`,
  });
}

function valueAt(value: unknown, [key, ...inner]: readonly string[]): unknown {
  if (key === undefined) return value;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return valueAt(Reflect.get(value, key), inner);
}

function withValue(params: Settings, [key, ...inner]: readonly string[], value: unknown): Settings {
  if (key === undefined) return params;
  if (inner.length === 0) return { ...params, [key]: value };
  const within = valueAt(params, [key]);
  const before = typeof within === 'object' && within !== null ? { ...within } : {};
  return { ...params, [key]: withValue(before, inner, value) };
}

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ErrorProblem } from '#agent/protocol/error.ts';
import { closest } from '#agent/sequence/closest.ts';
import { Config } from '../config.ts';
import { type DocumentText, readDocumentText } from '../document-text.ts';
import { readEnvironment, variableOf } from './environment.ts';
import { listSettings } from './setting-paths.ts';

/** The settings, and where each value came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** By path with dots: `file (line 3)`, `METALWRIGHT_DATA`. What is not in it is a default. */
  readonly origins: ReadonlyMap<string, string>;
  /** Environment variables that look like settings and are none, with what may have been meant. */
  readonly unknownVariables: readonly { readonly name: string; readonly hint: string }[];
}

/** The settings cannot be used; `problems` has each reason with its place. */
export class ConfigError extends Error {
  readonly problems: readonly ErrorProblem[];
  constructor(problems: readonly ErrorProblem[]) {
    super(problems.map(({ message }) => message).join('; '));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Group = Record<string, unknown>;
const Group = z.record(z.string(), z.unknown());

/**
 * Reads the settings: the YAML file, if one is named, under the environment.
 *
 * @throws {ConfigError} what is wrong, each with path and line; errors of the file system for the file
 */
export async function loadConfig(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LoadedConfig> {
  return readConfig(file === undefined ? '' : await readFile(file, 'utf8'), environment);
}

/** The same of a text. @throws {ConfigError} */
export function readConfig(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  const document = readText(text);
  const parsed = Group.safeParse(document.value ?? {});
  if (!parsed.success)
    throw new ConfigError([
      problem('The file has to hold settings, `dataDirectory: /srv/metalwright` and so on', ''),
    ]);
  const settings = parsed.data;
  const origins = new Map<string, string>();
  for (const { path } of listSettings())
    if (valueAt(settings, path) !== undefined)
      origins.set(path.join('.'), `file${document.lineOf(path.join('.'))}`);
  const { values, unknown } = readEnvironment(environment);
  for (const { setting, value, variable } of values) {
    setAt(settings, setting.path, value);
    origins.set(setting.path.join('.'), variable);
  }
  const result = Config.safeParse(settings);
  if (!result.success)
    throw new ConfigError(
      result.error.issues.flatMap((issue) => describeIssue(issue, { document, origins })),
    );
  return {
    config: result.data,
    origins,
    unknownVariables: unknown.map((name) => ({ name, hint: hintOf(name) })),
  };
}

function readText(text: string): DocumentText {
  if (text.trim() === '') return { value: {}, lineOf: () => '' };
  try {
    return readDocumentText(text);
  } catch (error) {
    throw new ConfigError([problem(error instanceof Error ? error.message : String(error), '')]);
  }
}

interface Place {
  readonly document: DocumentText;
  readonly origins: ReadonlyMap<string, string>;
}

/** One problem a wrong value; one for each key that is none, with what may have been meant. */
function describeIssue(issue: z.core.$ZodIssue, { document, origins }: Place): ErrorProblem[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const whole = path === '' ? key : `${path}.${key}`;
      return problem(
        `There is no setting ${whole}${document.lineOf(whole)}`,
        whole,
        meant(key, keysAt(issue.path.map(String))),
      );
    });
  const origin = origins.get(path);
  const where =
    origin !== undefined && origin.startsWith('METALWRIGHT_')
      ? ` (${origin})`
      : document.lineOf(path);
  return [problem(`${path || 'the settings'}${where}: ${issue.message}`, path)];
}

function problem(message: string, path: string, hint?: string): ErrorProblem {
  return { code: 'cli.settings', message, path, ...(hint === undefined ? {} : { hint }) };
}

function keysAt(path: readonly string[]): string[] {
  const inside = listSettings().filter((setting) =>
    path.every((key, at) => setting.path[at] === key),
  );
  return [...new Set(inside.flatMap((setting) => setting.path[path.length] ?? []))];
}

function meant(word: string, names: readonly string[]): string {
  const near = closest(word, names);
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there is ${names.join(', ')}`;
}

function hintOf(variable: string): string {
  const near = closest(variable, listSettings().map(variableOf));
  return near.length > 0
    ? `did you mean ${near.join(' or ')}?`
    : 'metalwright config show lists them all';
}

/** The value at a path; undefined where there is none. */
export function valueAt(settings: unknown, path: readonly string[]): unknown {
  let value = settings;
  for (const key of path) {
    const group = Group.safeParse(value);
    if (!group.success) return undefined;
    value = group.data[key];
  }
  return value;
}

function setAt(target: Group, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const inner = Group.catch({}).parse(target[first]);
  setAt(inner, rest, value);
  target[first] = inner;
}

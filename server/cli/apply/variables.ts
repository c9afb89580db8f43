import { z } from 'zod';
import { VariableSet, VariableView } from '../../http/api-variables.ts';
import type { ApiClient } from '../api-client.ts';
import { type Difference, key, mapDifferences } from './difference.ts';
import type { PlanProblem, SecretSource, Site } from './kind.ts';

const Name = z.string().min(1).max(256);
const Source = z.union([
  z.strictObject({ env: z.string().min(1).max(256) }),
  z.strictObject({ file: z.string().min(1).max(1000) }),
]);

/** Variables of a collection or device, as a file says them. */
export const variableFields = {
  /** Those that are not secret. */
  variables: z.record(Name, VariableSet.shape.value).default({}),
  /**
   * Secret ones: no file has their values. A list names those that have to be there; a map says where the
   * value of each is, which is set when the server has none.
   */
  secretVariables: z.union([z.array(Name).max(1000), z.record(Name, Source)]).default([]),
};

interface Wanted {
  readonly variables: Readonly<Record<string, string>>;
  readonly secretVariables: readonly string[] | Readonly<Record<string, SecretSource>>;
}

type Now = readonly VariableView[];

/** How the variables of a file differ from those that are there; secret ones by name alone. */
export function variableDifferences(wanted: Wanted, now: Now, site: Site): Difference[] {
  const plain = now.filter(({ secret }) => !secret);
  const before = new Map(plain.map(({ name, value }) => [key(name), value]));
  const after = new Map(
    Object.entries(wanted.variables).map(([name, value]) => [key(name), value]),
  );
  // Told as they are written, compared without case.
  const shown = new Map(
    [...plain.map(({ name }) => name), ...Object.keys(wanted.variables)].map((name) => [
      key(name),
      name,
    ]),
  );
  return [
    ...mapDifferences('variables', before, after, (each) => shown.get(each) ?? each),
    ...secretsToSet(wanted, now, site).map(([name, source]) => ({
      path: `secretVariables: ${name}`,
      before: hasSecret(now, name) ? '(a value that nobody can read)' : null,
      after: `(from ${sourceText(source)})`,
    })),
  ];
}

/** Secrets that are neither there nor can be set. */
export async function secretProblems(
  wanted: Wanted,
  now: Now,
  { site, owner }: { readonly site: Site; readonly owner: string },
): Promise<Omit<PlanProblem, 'file'>[]> {
  const problems: Omit<PlanProblem, 'file'>[] = [];
  if (Array.isArray(wanted.secretVariables))
    for (const name of wanted.secretVariables.filter((each) => !hasSecret(now, each)))
      problems.push({
        code: 'apply.secret',
        message: `The ${owner} has no secret variable ${name}`,
        hint: 'Set it (metalwright variable set --secret), or say where its value is: { env: NAME } or { file: path }.',
      });
  for (const [name, source] of secretsToSet(wanted, now, site))
    if ((await site.secret(source)) === undefined)
      problems.push({
        code: 'apply.secret-source',
        message: `The value of the secret variable ${name} of the ${owner} is not in ${sourceText(source)}`,
        hint: 'Set it for this command; a file is named from the folder on.',
      });
  return problems;
}

/** Makes the variables below a path of the API those of the file. */
export async function putVariables(
  site: Site,
  path: string,
  { wanted, now }: { readonly wanted: Wanted; readonly now: Now },
): Promise<void> {
  const { api } = site;
  const at = (name: string) => `${path}/variables/${encodeURIComponent(name)}`;
  const plain = now.filter(({ secret }) => !secret);
  const before = new Map(plain.map(({ name, value }) => [key(name), value]));
  const wants = new Set(Object.keys(wanted.variables).map(key));
  for (const [name, value] of Object.entries(wanted.variables))
    if (before.get(key(name)) !== value)
      await api.call('PUT', at(name), VariableView, { json: { value } });
  for (const [name, source] of secretsToSet(wanted, now, site)) {
    const json = { value: await site.secret(source), secret: true };
    await api.call('PUT', at(name), VariableView, { json });
  }
  for (const { name } of plain)
    if (!wants.has(key(name)) && !namesSecret(wanted, name))
      await api.call('DELETE', at(name), z.null());
}

/** Variables of one owner. */
export function readVariables(api: ApiClient, path: string): Promise<VariableView[]> {
  return api.call('GET', `${path}/variables`, z.array(VariableView));
}

function secretsToSet(wanted: Wanted, now: Now, site: Site): [string, SecretSource][] {
  const { secretVariables } = wanted;
  if (isList(secretVariables)) return [];
  return Object.entries(secretVariables).filter(
    ([name]) => site.setSecrets || !hasSecret(now, name),
  );
}

function isList(secrets: Wanted['secretVariables']): secrets is readonly string[] {
  return Array.isArray(secrets);
}

function namesSecret({ secretVariables }: Wanted, name: string): boolean {
  const names = isList(secretVariables) ? secretVariables : Object.keys(secretVariables);
  return names.some((each) => key(each) === key(name));
}

function hasSecret(now: Now, name: string): boolean {
  return now.some((each) => each.secret && key(each.name) === key(name));
}

function sourceText(source: SecretSource): string {
  return 'env' in source ? `the environment variable ${source.env}` : `the file ${source.file}`;
}

import type { ImportNeed, MappedStep } from './map-step.ts';
import { isSecretProperty } from './plain-secrets.ts';
import { type ScriptFinding, scanScript } from './scan-scripts.ts';

/** What was found in the command lines and scripts of a step, and what a person has to do about it. */
export interface ScriptNeeds {
  readonly findings: readonly ScriptFinding[];
  readonly needs: readonly ImportNeed[];
}

/** Steps that run, or keep for scripts, what somebody wrote; others name files and servers for themselves. */
const WRITTEN = new Set(['run-command', 'run-powershell', 'set-variable', 'set-dynamic-variables']);

/** What is of no use to know of a step that nothing here runs. */
const OF_RUNNING: ReadonlySet<ScriptFinding['kind']> = new Set([
  'deployment-share',
  'server-share',
  'client',
  'ts-progress-ui',
]);

/**
 * Looks through all texts that the actions of a step have: command lines, scripts, their parameters.
 * @param told needs that are told of the step already
 */
export function scriptNeeds(
  { how, actions }: MappedStep,
  told: readonly ImportNeed[] = [],
): ScriptNeeds {
  // What the agent does by itself runs no script; and what is told already is not told again.
  if (how === 'built-in') return { findings: [], needs: [] };
  const isShareTold = told.some(({ message }) => message.includes('deployment share'));
  const found = new Map<string, ScriptFinding>();
  for (const { type, params } of actions)
    for (const text of WRITTEN.has(type) ? textsOf(params) : [])
      for (const finding of scanScript(text))
        found.set(`${finding.kind} ${finding.what.toLowerCase()}`, finding);
  const findings = [...found.values()].filter(
    ({ kind }) => how !== 'unsupported' || !OF_RUNNING.has(kind),
  );
  const untold = findings.filter(({ kind }) => !(isShareTold && kind === 'deployment-share'));
  const needs = [...Map.groupBy(untold, ({ kind }) => kind)].map(([kind, list]) =>
    needOf(
      kind,
      list.map(({ what }) => what),
    ),
  );
  return { findings, needs: [...needs, ...plainVariables(actions)] };
}

function needOf(kind: ScriptFinding['kind'], what: readonly string[]): ImportNeed {
  const list = what.join(', ');
  switch (kind) {
    case 'ts-environment':
      return {
        kind: 'script',
        message: 'It calls Microsoft.SMS.TSEnvironment',
        hint: 'Read and set variables with metalwright-ts, or put Get-TSEnvironment in the place of New-Object -ComObject Microsoft.SMS.TSEnvironment: docs/scripts.md',
      };
    case 'ts-progress-ui':
      return {
        kind: 'script',
        message: 'It calls Microsoft.SMS.TSProgressUI, which is not there',
        hint: 'Take the call out: the agent shows the progress, and hides nothing behind it.',
      };
    case 'deployment-share':
      return {
        kind: 'script',
        message: `It uses files of the MDT deployment share: ${list}`,
        hint: 'Bring these files as a package, and name them by their place in it.',
      };
    case 'server-share':
      return {
        kind: 'script',
        message: `It uses files of a server: ${list}`,
        hint: 'Whether machines reach it, and as whom, is for you to see; better bring the files as a package.',
      };
    case 'client':
      return {
        kind: 'script',
        message: `It asks the Configuration Manager client or site: ${list}`,
        hint: 'Without that client the call fails: take it out, or disable the step.',
      };
    case 'plain-secret':
      return {
        kind: 'secret',
        message: `${list[0]?.toUpperCase()}${list.slice(1)} stands in it in plain text`,
        hint: 'Put %Name% in its place, and set Name as a secret variable of a collection or device: metalwright variable set --collection <name> --secret Name',
      };
  }
}

/** Variables whose names say that they hold a secret, set to a value that everyone can read. */
function plainVariables(actions: MappedStep['actions']): ImportNeed[] {
  return actions.flatMap(({ type, params }) => {
    if (type !== 'set-variable' && type !== 'set-dynamic-variables') return [];
    return settingsOf(params).flatMap(({ name, value }) =>
      isSecretProperty(name) && value !== '' && !value.includes('%')
        ? [
            {
              kind: 'secret' as const,
              message: `The value of ${name} stands in it in plain text`,
              hint: `Set ${name} as a secret variable of a collection or device instead: metalwright variable set --collection <name> --secret ${name}`,
            },
          ]
        : [],
    );
  });
}

/** Pairs of name and value, wherever they stand in params. */
function settingsOf(value: unknown): { readonly name: string; readonly value: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(settingsOf);
  if ('name' in value && 'value' in value) {
    const { name, value: text } = value;
    if (typeof name === 'string' && typeof text === 'string') return [{ name, value: text }];
  }
  return Object.values(value).flatMap(settingsOf);
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* textsOf(inner);
}

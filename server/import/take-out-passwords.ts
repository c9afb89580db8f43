import type { MappedAction, MappedStep } from './map-step.ts';
import { findPlainSecrets } from './plain-secrets.ts';
import type { StepReader } from './step-reader.ts';

/** What of a step has its variables replaced when it runs: a secret one can stand in it. */
const placesOf: Readonly<
  Record<string, readonly { readonly key: string; readonly what: string }[]>
> = {
  'run-command': [{ key: 'commandLine', what: 'A password in its command line' }],
  'run-powershell': [{ key: 'parameters', what: 'A password in the parameters of its script' }],
};

/**
 * Passwords in command lines and in the parameters of scripts become secret variables, which a person
 * gives their values. Those within the text of a script stay: no variables are replaced there.
 */
export function takeOutPasswords(
  mapped: MappedStep,
  reader: Pick<StepReader, 'secretIn'>,
): MappedStep {
  const variables = new Map<string, string>();
  const withVariables = (action: MappedAction): MappedAction =>
    (placesOf[action.type] ?? []).reduce((changed, { key, what }) => {
      const text = changed.params[key];
      if (typeof text !== 'string') return changed;
      let left = text;
      for (const { value } of findPlainSecrets(text)) {
        const variable = variables.get(value) ?? reader.secretIn(what, true);
        variables.set(value, variable);
        left = replaceOutsideVariables(left, value, variable);
      }
      return left === text ? changed : { ...changed, params: { ...changed.params, [key]: left } };
    }, action);
  const [first, ...rest] = mapped.actions;
  return { ...mapped, actions: [withVariables(first), ...rest.map(withVariables)] };
}

/** Everywhere in a text but in the names of variables: `%Password%` stays. */
function replaceOutsideVariables(text: string, value: string, variable: string): string {
  return text
    .split(/(%[^%\s]{1,256}%)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(value, () => variable)))
    .join('');
}

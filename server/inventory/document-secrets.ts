import { siteAccountNames } from '#agent/protocol/step-secrets.ts';
import { documentPath } from '#agent/sequence/document-path.ts';
import { isSecretName } from '#agent/sequence/secret-names.ts';
import type { SequenceProblem } from '#agent/sequence/sequence-error.ts';
import type { SequenceNode, TaskSequence } from '#agent/sequence/task-sequence.ts';

/** Settings that hold a secret by what they are called: `password`, `OSDJoinPassword`, `pin`. */
const SECRET_SETTING = /password|^pin$|secretvalue/i;

/**
 * Whether the document of a run tells a secret to whoever gets it: a variable that is set as secret, or a
 * password in the settings of a step, or an account of the site, which the step is given. `%Name%` tells nothing: it is put in on the machine.
 */
export function documentHasSecrets({ steps }: Pick<TaskSequence, 'steps'>): boolean {
  return steps.some(nodeHasSecrets);
}

/**
 * Passwords that stand in a document in the clear, disabled steps too, each as a problem: whoever reads the document,
 * the database or a backup would have them.
 */
export function plainSecretProblems({
  steps,
}: Pick<TaskSequence, 'steps'>): readonly SequenceProblem[] {
  const problems: SequenceProblem[] = [];
  const look = (nodes: readonly SequenceNode[], base: string): void => {
    for (const node of nodes) {
      const path = `${base}steps[${node.id.slice(node.id.lastIndexOf('/') + 1)}]`;
      if (node.kind === 'group')
        look(node.steps, node.child === undefined ? `${path}.` : `${path}.child.`);
      else
        for (const { keys } of secretsIn(node.params))
          problems.push({
            path: documentPath(`${path}.params`, keys),
            code: 'sequence.secret',
            message: 'a secret stands here in the clear',
            hint: 'Name a secret variable (%Name%, set by metalwright variable set --secret) or an account of the site (user: account:Name).',
          });
    }
  };
  look(steps, '');
  return problems;
}

function nodeHasSecrets(node: SequenceNode): boolean {
  if (node.disabled) return false;
  return node.kind === 'group'
    ? node.steps.some(nodeHasSecrets)
    : secretsIn(node.params).length > 0 || siteAccountNames(node.params).length > 0;
}

/** A secret in the params of a step. */
interface FoundSecret {
  /** Where it stands in them. */
  readonly keys: readonly (string | number)[];
  readonly value: string;
}

/**
 * The secrets in the params of a step: what is called a password, and the value of a variable that is
 * secret, or is one by its name. `%Name%` alone is none.
 *
 * @param isSecretKey whether a setting of that name holds a secret, beside those that are called so
 */
export function secretsIn(
  params: unknown,
  isSecretKey: (key: string) => boolean = () => false,
): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  const look = (value: unknown, keys: FoundSecret['keys']): void => {
    if (Array.isArray(value)) value.forEach((each, index) => look(each, [...keys, index]));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const entries = Object.entries(value);
    const isHidden = entries.some(
      ([key, setting]) =>
        (key === 'secret' && setting === true) ||
        (key === 'name' && typeof setting === 'string' && isSecretName(setting)),
    );
    for (const [key, setting] of entries) {
      const isSecret =
        SECRET_SETTING.test(key) || isSecretKey(key) || (isHidden && key === 'value');
      if (!isSecret || typeof setting !== 'string') look(setting, [...keys, key]);
      else if (setting.replaceAll(/%[\w-]+%/g, '') !== '')
        found.push({ keys: [...keys, key], value: setting });
    }
  };
  look(params, []);
  return found;
}

import { isSecretName } from '#agent/sequence/secret-names.ts';
import type { SequenceNode, TaskSequence } from '#agent/sequence/task-sequence.ts';

/** Settings that hold a secret by what they are called: `password`, `OSDJoinPassword`, `pin`. */
const SECRET_SETTING = /password|^pin$|secretvalue/i;

/**
 * Whether the document of a run tells a secret to whoever gets it: a variable that is set as secret, or a
 * password in the settings of a step. `%Name%` tells nothing: it is put in on the machine.
 */
export function documentHasSecrets({ steps }: Pick<TaskSequence, 'steps'>): boolean {
  return steps.some(nodeHasSecrets);
}

function nodeHasSecrets(node: SequenceNode): boolean {
  if (node.disabled) return false;
  return node.kind === 'group' ? node.steps.some(nodeHasSecrets) : tellsSecret(node.params);
}

function tellsSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(tellsSecret);
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  const marked = entries.some(([key, setting]) => key === 'secret' && setting === true);
  const named = entries.some(
    ([key, setting]) => key === 'name' && typeof setting === 'string' && isSecretName(setting),
  );
  return entries.some(([key, setting]) => {
    const isText = typeof setting === 'string' && setting.replaceAll(/%[\w-]+%/g, '') !== '';
    if (isText && (SECRET_SETTING.test(key) || ((marked || named) && key === 'value'))) return true;
    return tellsSecret(setting);
  });
}

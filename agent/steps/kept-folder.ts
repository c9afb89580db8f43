import type { Environment } from '#agent/protocol/policy.ts';
import type { Partition } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step-error.ts';
import type { StepVariables } from '#agent/sequence/step-variables.ts';

const USER_STATE = '_SMSTSUserStatePath';

/**
 * The folder with user state that no image deletes, `\UserState`, where `_SMSTSUserStatePath` names one on that
 * partition, by its letter or its volume. Linux PE has no letters: there any drive may be this one.
 * @throws {StepError} `image.beside` where it cannot be kept
 */
export function keptFolders(
  variables: Pick<StepVariables, 'value'>,
  { letter, volume }: Pick<Partition, 'letter' | 'volume'>,
  environment: Environment,
): readonly string[] {
  const named = variables.value(USER_STATE)?.trim() ?? '';
  const found = /^([A-Za-z]:|[a-z]+:[0-9A-Fa-f-]{3,})(?:[\\/](.*))?$/s.exec(named);
  if (found === null) return [];
  const [, drive = '', rest = ''] = found;
  const isLetter = drive.length === 2;
  const isHere = isLetter
    ? environment === 'linux-pe' || drive.slice(0, 1).toUpperCase() === letter?.toUpperCase()
    : drive.toLowerCase() === volume.toLowerCase();
  if (!isHere) return [];
  const names = rest.split(/[\\/]/).filter(Boolean);
  if (environment === 'linux-pe')
    throw refused(
      `user state to keep is in ${named}${isLetter ? ', and Linux PE cannot tell on which volume that is' : ''}; it puts an image onto an empty volume only`,
      'Run the step in Windows PE, or keep the user state elsewhere.',
    );
  if (names.length === 0 || names.some((name) => /^\.+$/.test(name)))
    throw refused(
      `${USER_STATE} is "${named}", which is no folder that could be kept`,
      'Keep the user state in a folder of its own, such as C:\\UserState.',
    );
  return [`\\${names.join('\\')}`];
}

function refused(message: string, hint: string): StepError {
  return new StepError('image.beside', message[0]?.toUpperCase() + message.slice(1), {
    hint,
    exitCode: 0x80070032,
  });
}

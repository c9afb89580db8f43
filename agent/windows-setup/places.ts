/** Where the files of Windows Setup and of the agent lie on the volume of a Windows. */
import { OS_FOLDER } from '../protocol/agent-settings.ts';

const SCRIPTS = '\\Windows\\Setup\\Scripts';
/** Stands before the ending of a script that was in the image. */
const KEPT = 'metalwright-original';

/** A script of Windows Setup: ours, and where one of the image is kept. */
export interface SetupScript {
  readonly path: string;
  readonly keptPath: string;
  /** File name of what is kept. */
  readonly keptName: string;
}

/** Is run by Windows when Setup is over, before anybody signs in; not with an OEM product key. */
export const setupComplete = script('SetupComplete');
/** Is run by Windows when Setup fails for good. */
export const errorHandler = script('ErrorHandler');

function script(name: string): SetupScript {
  const keptName = `${name}.${KEPT}.cmd`;
  return { path: `${SCRIPTS}\\${name}.cmd`, keptPath: `${SCRIPTS}\\${keptName}`, keptName };
}

/** Folder of the agent, from the root of the volume. */
export const AGENT_FOLDER = `\\${OS_FOLDER}`;
/** Lies there when Setup is over: the service waits for it. */
export const COMPLETE_MARKER = 'setup-complete';
/** Lies there when Setup has failed. */
export const FAILED_MARKER = 'setup-failed';

/** Where our answer file goes: the first place of the disk that Windows looks at. */
export const ANSWER_FILE = '\\Windows\\Panther\\Unattend\\Unattend.xml';
/**
 * Where Windows finds answer files on its disk, or keeps a copy of one that it read: what of them is in an
 * image would be taken for the answers, or would say that passes are over.
 */
export const answerFilePlaces: readonly string[] = [
  ANSWER_FILE,
  '\\Windows\\Panther\\Unattend\\Autounattend.xml',
  '\\Windows\\Panther\\unattend.xml',
  '\\Windows\\Panther\\autounattend.xml',
  '\\Windows\\Panther\\unattend-original.xml',
  '\\Windows\\System32\\Sysprep\\unattend.xml',
  '\\Windows\\System32\\Sysprep\\Panther\\unattend.xml',
  '\\unattend.xml',
  '\\autounattend.xml',
];

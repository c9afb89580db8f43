/** The changes of files on the volume of a new Windows before its first start. Pure. */
import type { FileChange } from '../sequence/windows-capability.ts';
import {
  AGENT_FOLDER,
  ANSWER_FILE,
  answerFilePlaces,
  COMPLETE_MARKER,
  errorHandler,
  FAILED_MARKER,
  type SetupScript,
  setupComplete,
} from './places.ts';
import { errorHandlerText, OWN_SCRIPT, setupCompleteText } from './setup-scripts.ts';

/** What an agent before this one left in an image that was captured with it. */
export const staleAgentFiles: readonly FileChange[] = [
  COMPLETE_MARKER,
  FAILED_MARKER,
  'State',
  'metalwright-service.log',
  'metalwright-agent.out.log',
].map((name) => ({ kind: 'remove', path: `${AGENT_FOLDER}\\${name}` }));

/** The scripts of Windows Setup, each with what it does. */
export const setupScripts = [
  { script: setupComplete, text: setupCompleteText() },
  { script: errorHandler, text: errorHandlerText() },
] as const;

/** Lays one script; what the image had in its place is kept. `found` is what is there now. */
export function scriptChanges(
  { script, text }: { readonly script: SetupScript; readonly text: string },
  found: Uint8Array | null,
): readonly FileChange[] {
  const { path, keptPath } = script;
  const keep: FileChange = { kind: 'move', from: path, to: keptPath };
  const write: FileChange = { kind: 'write', path, bytes: new TextEncoder().encode(text) };
  return found === null || isOwnScript(found) ? [write] : [keep, write];
}

/** Takes one script away again, and puts back what the image had. */
export function restoreChanges(
  { path, keptPath }: SetupScript,
  found: Uint8Array | null,
): readonly FileChange[] {
  const remove: FileChange = { kind: 'remove', path };
  const restore: FileChange = { kind: 'move', from: keptPath, to: path };
  return found === null || isOwnScript(found) ? [remove, restore] : [];
}

/** Whether a script is one of ours, of whatever version. */
function isOwnScript(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes).includes(OWN_SCRIPT);
}

/** All other answer files go before ours is there: none of them may be taken for it. */
export function answerFileChanges(text: string): readonly FileChange[] {
  return [
    ...forgetAnswerFiles,
    { kind: 'write', path: ANSWER_FILE, bytes: new TextEncoder().encode(text) },
  ];
}

/** After Setup: there are passwords in them. */
export const forgetAnswerFiles: readonly FileChange[] = answerFilePlaces.map((path) => ({
  kind: 'remove',
  path,
}));

/**
 * The scripts that Windows Setup runs at its end. Each is one block in parentheses, which cmd reads as a whole
 * before it runs the first line: the script of an image may delete itself, its folder, or ours. That one
 * runs in a cmd of its own, as its `exit` would end ours.
 */
import { COMPLETE_MARKER, errorHandler, FAILED_MARKER, setupComplete } from './places.ts';
import { SERVICE_NAME } from './service.ts';

/** Stands in every script of ours. */
export const OWN_SCRIPT = 'rem Made by Metalwright:';
const FOLDER = '%SystemRoot%\\Metalwright';
const CMD = '"%SystemRoot%\\System32\\cmd.exe"';
const START = `"%SystemRoot%\\System32\\sc.exe" start ${SERVICE_NAME} >nul 2>&1`;

/** `SetupComplete.cmd`: tells the service that Windows Setup is over, and starts it. */
export function setupCompleteText(): string {
  return scriptText('Windows Setup is over', setupComplete.keptName, [COMPLETE_MARKER]);
}

/** `ErrorHandler.cmd`: tells the agent that Windows Setup has failed, and starts it. */
export function errorHandlerText(): string {
  const markers = [FAILED_MARKER, COMPLETE_MARKER];
  return scriptText('Windows Setup has failed', errorHandler.keptName, markers);
}

/** In the code page of any Windows: ASCII. Lines end as cmd wants them. */
function scriptText(what: string, kept: string, markers: readonly string[]): string {
  const marks = markers.map(
    (marker) => `  if exist "${FOLDER}\\" >"${FOLDER}\\${marker}" echo ${what}`,
  );
  const lines = [
    '@echo off',
    `${OWN_SCRIPT} ${what}, and its task sequence goes on.`,
    `rem What the image had in this place is kept as ${kept}, and runs first.`,
    '(',
    `  if exist "%~dp0${kept}" ${CMD} /d /c call "%~dp0${kept}"`,
    ...marks,
    `  ${START}`,
    '  exit /b 0',
    ')',
    '',
  ];
  return lines.join('\r\n');
}

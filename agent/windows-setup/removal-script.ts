/**
 * What takes the agent out of Windows: a program cannot remove the folder that it runs from. The script waits
 * until the agent has ended, then removes its folder and itself. In one line each, as cmd reads a script while
 * it runs.
 */
const FOLDER = '"%SystemRoot%\\Metalwright"';
const AGENT = '"%SystemRoot%\\Metalwright\\metalwright-agent.exe"';
/** A second; `timeout` wants a console. */
const PAUSE = '"%SystemRoot%\\System32\\PING.EXE" -n 2 127.0.0.1 >nul';
/** Seconds that the agent may take to its end: what is left of its log is sent then. */
const WAITS = 600;

/** `metalwright-remove.cmd`. */
export function removalText(): string {
  return [
    '@echo off',
    'rem Made by Metalwright: takes its agent away when the task sequence is over.',
    `for /l %%i in (1,1,${WAITS}) do if exist ${AGENT} del /f /q ${AGENT} >nul 2>&1 & if exist ${AGENT} ${PAUSE}`,
    `for /l %%i in (1,1,60) do if exist ${FOLDER} rd /s /q ${FOLDER} >nul 2>&1 & if exist ${FOLDER} ${PAUSE}`,
    '(goto) 2>nul & del /f /q "%~f0"',
    '',
  ].join('\r\n');
}

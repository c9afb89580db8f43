/**
 * `winpeshl.ini`, which says what Windows PE runs instead of a command prompt: wpeinit (plug and play,
 * network), then the agent. When the last of them ends, Windows PE restarts, so the agent holds.
 *
 * @param agent path of the agent, `X:\Metalwright\metalwright-agent.exe`
 */
export function winpeshlIni(agent: string): string {
  const lines = ['[LaunchApps]', '%SYSTEMROOT%\\System32\\wpeinit.exe', agent];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** bddrun.exe of MDT runs the rest as another account, which the step has as a setting. */
export function withoutRunAs(line: string): string {
  return line.replace(/^\s*"?%TOOLROOT%\\bddrun\.exe"?\s+\/runas\s+(?=\S)/i, '');
}

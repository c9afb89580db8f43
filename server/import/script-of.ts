/** The name of a script in a command line, `ZTIGather.wsf`; else its first word. */
export function scriptOf(action: string): string {
  const script = /[^\s"'\\/]{1,200}\.(?:wsf|vbs|ps1|cmd|bat|js|hta)\b/i.exec(action)?.[0];
  return script ?? /[^\s"]{1,200}/.exec(action)?.[0] ?? '';
}

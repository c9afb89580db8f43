/** Environment variables that Windows has by itself, and those that cmd.exe makes up as it reads them. */
const systemNames: ReadonlySet<string> = new Set(
  (
    'allusersprofile appdata cd commonprogramfiles commonprogramw6432 computername comspec date ' +
    'errorlevel homedrive homepath localappdata logonserver number_of_processors os path pathext ' +
    'processor_architecture processor_architew6432 programdata programfiles programw6432 public random ' +
    'systemdrive systemroot temp time tmp userdomain username userprofile windir'
  ).split(' '),
);

/** Whether `%Name%` is the system's to put in where the task sequence has no variable of that name. */
export function isSystemName(name: string): boolean {
  return systemNames.has(name.toLowerCase());
}

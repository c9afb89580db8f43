import {
  equivalent,
  type MapMdtStep,
  programSettings,
  shareNeed,
  sharePackageName,
  typed,
} from '../step-parts.ts';

/** `%SCRIPTROOT%\x.ps1` is in the folder Scripts; MDT looks there for a bare name too. */
function inShare(path: string): { readonly folder: string; readonly file: string } | undefined {
  const scripts = /^%SCRIPTROOT%[\\/]+(.+)$/is.exec(path)?.[1];
  if (scripts !== undefined) return { folder: 'Scripts', file: scripts };
  const [, folder, file] =
    /^%(?:DEPLOYROOT|RESOURCEROOT)%[\\/]+([^\\/]+)[\\/]+(.+)$/is.exec(path) ?? [];
  if (folder !== undefined && file !== undefined) return { folder, file };
  return /[\\/:%]/.test(path) ? undefined : { folder: 'Scripts', file: path };
}

/** ZTIPowerShell: a script of the share, or one at a path of the machine. */
export const powerShellScript: MapMdtStep = (reader) => {
  const name = (reader.text('ScriptName') ?? '').trim().replaceAll('"', '');
  const parameters = (reader.text('Parameters') ?? '').trim();
  const settings = programSettings(reader);
  const own = reader.reference('package', 'PackageID');
  const place =
    own === undefined ? inShare(name) : { folder: '', file: name.replace(/^\.[\\/]/, '') };
  const isScript = /\.ps1$/i.test(name) && name.length <= 255;
  if (!isScript || place === undefined)
    return equivalent('PowerShell runs the script at its path', {
      type: 'run-command',
      params: {
        commandLine:
          `powershell.exe -NoProfile -ExecutionPolicy Bypass -File "${name}" ${parameters}`.trim(),
        ...settings,
      },
    });
  const content = own ?? reader.referTo('package', sharePackageName(place.folder));
  if (own === undefined) reader.need(shareNeed);
  return typed({
    type: 'run-powershell',
    params: {
      package: content ?? { name: sharePackageName(place.folder) },
      scriptName: place.file,
      ...(parameters === '' ? {} : { parameters }),
      executionPolicy: 'Bypass',
      ...settings,
    },
  });
};

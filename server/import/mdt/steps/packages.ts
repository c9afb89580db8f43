import type { MappedStep } from '../../map-step.ts';
import type { StepReader } from '../../step-reader.ts';
import { builtIn, equivalent, type MapMdtStep, programSettings } from '../step-parts.ts';

/** DISM: installed, and installed with a restart needed; 0x800f081e is a package that does not apply. */
const DISM_CODES = [0, 3010, 0x800f081e];

function installed(reader: StepReader, profile: string, target: string): MappedStep {
  const name = reader.objectName('package', profile) ?? profile;
  const settings = programSettings(reader);
  reader.need({
    kind: 'reference',
    message: `The packages of the selection profile "${name}" are to be brought`,
    hint: `Make a package of their CAB and MSU files: metalwright package add <folder> --name "${name}". Without any disable the step.`,
  });
  return equivalent(
    'DISM adds the packages of a package that has the name of the selection profile',
    {
      type: 'run-command',
      params: {
        ...settings,
        commandLine: `dism.exe ${target} /Add-Package /PackagePath:. /NoRestart`,
        package: { name },
        successCodes: DISM_CODES,
      },
    },
  );
}

/** ZTIPatches: update packages and language packs into the operating system on the disk. */
export const offlinePackages: MapMdtStep = (reader) => {
  const profile = reader.text('PackageSelectionProfile')?.trim() || 'All Packages';
  if (profile.toLowerCase() === 'nothing')
    return builtIn(reader, 'Its selection profile is "Nothing": there are no packages to install');
  return installed(reader, profile, '/Image:%OSDTargetSystemDrive%\\');
};

/** ZTILangPacksOnline and ZTILangPacksOffline. */
export const languagePacksOnline: MapMdtStep = (reader) =>
  installed(reader, 'Language Packs', '/Online /Quiet');
export const languagePacksOffline: MapMdtStep = (reader) =>
  installed(reader, 'Language Packs', '/Image:%OSDTargetSystemDrive%\\');

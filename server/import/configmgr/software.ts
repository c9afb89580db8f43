import type { MappedAction, MapStep } from '../map-step.ts';
import { NONE_CHOSEN, type StepReader } from '../step-reader.ts';
import { downloadPackageContent } from './download-content.ts';
import { switchBeside, switchOf } from './setting-values.ts';
import { fitted, typed } from './typed-step.ts';

/** Attempts after an interruption that a document may say. */
const MAX_RETRIES = 5;

/** Install Package: one by its program, or a list in variables. */
const installSoftware: MapStep = (reader) => {
  const { action } = reader.step;
  const content =
    reader.reference('package', 'PackageID') ??
    reader.referTo('package', /\/pkg:(\S*)/i.exec(action)?.[1] ?? '');
  const base = baseVariable(reader);
  const isList = content === undefined && base !== undefined;
  if (content !== undefined && base !== undefined)
    reader.need({
      kind: 'setting',
      message: `It has a package and the list ${base} in variables; only the package was taken over`,
    });
  const program = reader.text('ProgramName', '_SMSSWDProgramName')?.trim();
  if (!isList && program === undefined)
    reader.need({
      kind: 'reference',
      message: 'The program of the package is not chosen in the file',
      hint: 'Choose one, or disable the step.',
    });
  return typed(reader, 'install-package', {
    ...(isList
      ? { baseVariable: base }
      : {
          package: content ?? reader.required('package', 'The package to install', 'PackageID'),
          program: program ?? NONE_CHOSEN,
        }),
    continueOnInstallError: continuesOnError(reader),
  });
};

/** Install Application: those listed, and those of a list in variables, each in a step of its own. */
const installApplication: MapStep = (reader) => {
  const base = baseVariable(reader);
  const applications = applicationsOf(reader);
  const options = {
    continueOnInstallError: continuesOnError(reader),
    clearCache: switchBeside(reader, false, 'ClearCache', 'OSDAppClearCache'),
  };
  const action = (params: object): MappedAction => ({
    ...fitted(reader, { type: 'install-application', params: { ...params, ...options } }),
    ...retries(reader),
  });
  if (base !== undefined && applications.length > 0)
    return {
      how: 'typed',
      actions: [action({ applications }), action({ baseVariable: base })],
    };
  if (base !== undefined) return { how: 'typed', actions: [action({ baseVariable: base })] };
  const chosen =
    applications.length > 0
      ? applications
      : [reader.required('application', 'The application to install', 'ApplicationName')];
  return { how: 'typed', actions: [action({ applications: chosen })] };
};

/** Ids in a comma list; what the list of the editor says beside them are their names. */
function applicationsOf(reader: StepReader): readonly object[] {
  reader.ignore('NumApps', 'OSDAppCount', 'AppInfo', 'OSDApp');
  const listed = reader
    .matching(/^(?:AppInfo|OSDApp)\d+(?:Name|DisplayName|Description)$/i)
    .filter(({ name }) => /\dName$/i.test(name))
    .map(({ value }) => value);
  const acted = /\/app:(\S*)/i.exec(reader.step.action)?.[1];
  const ids = (reader.text('ApplicationName') ?? acted ?? '').split(',');
  const known = ids.map((id) => id.trim()).filter(Boolean);
  const all = known.length > 0 ? known : listed.map((id) => id.trim());
  return [...new Set(all)].flatMap((id) => reader.referTo('application', id) ?? []);
}

/** Install Software Updates. */
const installUpdate: MapStep = (reader) => {
  const written = reader.text('Target', 'SMSInstallUpdateTarget')?.trim();
  const target = written?.includes('%') === true ? written : written?.toLowerCase();
  const params = {
    target: target === 'mandatory' ? undefined : target,
    useCachedScan: switchBeside(reader, true, 'UseCache', 'SMSTSSoftwareUpdateScanUseCache'),
  };
  return {
    how: 'typed',
    actions: [{ ...fitted(reader, { type: 'install-updates', params }), ...retries(reader) }],
  };
};

/** The base name of a list in variables. */
function baseVariable(reader: StepReader): string | undefined {
  const acted = /\/basevar:([\w-]*)/i.exec(reader.step.action)?.[1];
  return (reader.text('BaseVariableName') ?? acted)?.trim() || undefined;
}

function continuesOnError(reader: StepReader): boolean | string | undefined {
  const acted = /\/continueOnError:(\w+)/i.exec(reader.step.action)?.[1];
  const written = switchOf(reader, 'ContinueOnInstallError') ?? acted?.toLowerCase() === 'true';
  return written === false ? undefined : written;
}

/** Property and attribute say the same: retries after an unexpected restart. */
function retries(reader: StepReader): Pick<MappedAction, 'retryIfInterrupted'> {
  const property = reader.number('RetryCount');
  const attribute = reader.attribute('retryCount')?.trim();
  const count = typeof property === 'number' ? property : Number(attribute ?? Number.NaN);
  if (!Number.isInteger(count)) return {};
  if (count > MAX_RETRIES)
    reader.need({
      kind: 'setting',
      message: `It was tried ${count} times more after a restart; here at most ${MAX_RETRIES}`,
    });
  return { retryIfInterrupted: count < 1 ? false : Math.min(count, MAX_RETRIES) };
}

/** Steps of the menu *Software* (reference: task-sequence-xml, sections 12 and 13). */
export const softwareSteps: Readonly<Record<string, MapStep>> = {
  InstallApplication: installApplication,
  InstallSoftware: installSoftware,
  InstallUpdate: installUpdate,
  DownloadPackageContent: downloadPackageContent,
};

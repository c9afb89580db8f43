import type { MapStep } from '../map-step.ts';
import { NONE_CHOSEN } from '../step-reader.ts';
import { accountOf } from './account.ts';
import { joinDomain } from './membership.ts';
import { checkReadiness } from './readiness.ts';
import { runCommandLine, runPowerShellScript } from './run-programs.ts';
import { numberOf } from './setting-values.ts';
import { typed } from './typed-step.ts';
import { setDynamicVariables, setVariable } from './variables.ts';

const MAX_SECONDS = 3600;

/** MDT writes the same target into every action: only the variable counts there. */
const reboot: MapStep = (reader) => {
  const { action } = reader.step;
  const isMdt = reader.context.sequence.format === 'mdt';
  const acted = isMdt ? undefined : /\/target:(\w+)/i.exec(action)?.[1];
  const target = (reader.text('Target', 'SMSRebootTarget') ?? acted ?? 'HD').trim();
  const seconds = numberOf(reader, 'MessageTimeout', 'SMSRebootTimeout');
  const isLong = typeof seconds === 'number' && seconds > MAX_SECONDS;
  if (isLong)
    reader.need({
      kind: 'setting',
      message: `Its message was shown for ${seconds} seconds; here at most for ${MAX_SECONDS}`,
    });
  const lower = target.toLowerCase();
  return typed(reader, 'restart', {
    target: lower === 'winpe' ? 'pe' : lower === 'hd' || lower === '' ? 'hd' : target,
    message: reader.text('Message', 'SMSRebootMessage'),
    delaySeconds: isLong ? MAX_SECONDS : seconds,
  });
};

/** Run Task Sequence, as Configuration Manager and MDT write it. */
const subTaskSequence: MapStep = (reader) => {
  // What the child refers to is told by the child itself.
  reader.ignore('TsReferencePackages', 'TsReferenceApplications');
  const guid = reader.text('SubTaskSequenceGUID')?.trim() ?? '';
  const own = reader.text('SubTaskSequenceID')?.trim() ?? '';
  const title = reader.text('TsName', 'OSDSubTasksequenceTsName')?.trim();
  const id = reader.text('TsPackageID', 'OSDSubTasksequencePackageID')?.trim() ?? (own || guid);
  const byGuid = reader.context.names.has(id.toLowerCase()) ? '' : guid;
  const found = reader.objectName('sequence', byGuid === '' ? id : byGuid);
  const isTold = found !== undefined && found !== id && found !== guid;
  const name = isTold ? found : (title?.replace(/^[A-Z0-9]{8}, */, '') ?? (own || found));
  if (name === undefined || name === '')
    reader.need({
      kind: 'reference',
      message: 'The task sequence to run is not chosen in the file',
      hint: 'Choose one, or disable the step.',
    });
  return typed(reader, 'run-sequence', { sequence: { name: name || NONE_CHOSEN } });
};

const connectNetworkFolder: MapStep = (reader) =>
  typed(reader, 'connect-network-folder', {
    path: reader.text('Path', 'SMSConnectNetworkFolderPath')?.trim(),
    driveLetter: reader.text('DriveLetter', 'SMSConnectNetworkFolderDriveLetter')?.trim(),
    account: accountOf(reader, {
      what: 'the account that connects the network folder',
      user: ['Username', 'SMSConnectNetworkFolderAccount'],
      password: ['Password', 'SMSConnectNetworkFolderPassword'],
    }),
  });

/** Steps of the menu *General* (reference: task-sequence-xml, section 12). */
export const generalSteps: Readonly<Record<string, MapStep>> = {
  RunCommandLine: runCommandLine,
  RunPowerShellScript: runPowerShellScript,
  SetVariable: setVariable,
  SetDynamicVariables: setDynamicVariables,
  SubTasksequence: subTaskSequence,
  PrestartCheck: checkReadiness,
  ConnectNetworkFolder: connectNetworkFolder,
  JoinDomainWorkgroup: joinDomain,
  Reboot: reboot,
};

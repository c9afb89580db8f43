import type { MachineIdentity } from '../protocol/identity.ts';
import type { RunGrant } from '../protocol/policy.ts';
import type { VariableChange } from '../protocol/run-event.ts';
import type { SequenceNode, TaskSequence } from '../sequence/task-sequence.ts';

/** What a start of the agent knows of itself, beside its machine and its run. */
export interface AgentFacts {
  /** Address and port of the server. */
  readonly server?: string;
  /** Folder of the log. */
  readonly logFolder?: string;
  readonly sequence?: Pick<TaskSequence, 'steps'>;
  /** Folder of content that outlives runs, where it is there. */
  readonly clientCache?: string;
  /** Media that the machine was started from; absent where it was from the network. */
  readonly media?: MediaFacts;
}

/** Media, as the built-in variables tell them. */
export interface MediaFacts {
  readonly id: string;
  readonly type: 'BootMedia' | 'FullMedia' | 'OEMMedia';
  /** A disc, a stick, or a disk of the machine. */
  readonly launchMode: 'CD' | 'UFD' | 'HD';
}

/**
 * Built-in variables of a run, by their names in Configuration Manager: what the machine says of itself,
 * and what the run was granted as. What is not known is not set. The catalogue of variables says which of
 * them are set.
 */
export function builtInVariables(
  identity: MachineIdentity,
  grant: Pick<RunGrant, 'deploymentId' | 'deviceName' | 'sequenceName' | 'sequenceId'> &
    Partial<Pick<RunGrant, 'purpose' | 'bootImage' | 'download'>>,
  facts: AgentFacts = {},
): VariableChange[] {
  const values = { ...ofMachine(identity), ...ofRun(grant), ...ofAgent(facts, grant.deploymentId) };
  return Object.entries(values).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [{ name, value, secret: false }],
  );
}

type Values = Readonly<Record<string, string | null | undefined>>;

function ofMachine(identity: MachineIdentity): Values {
  const { firmware, secureBoot } = identity;
  return {
    // Conditions ask for "not equals true", and for "exists": with BIOS there is no such variable.
    _SMSTSBootUEFI: firmware === 'uefi' ? 'true' : undefined,
    _TSSecureBoot: firmware === 'bios' ? 'NA' : secureBoot ? 'Enabled' : 'Disabled',
    _SMSTSMake: identity.manufacturer,
    _SMSTSModel: identity.model,
    _SMSTSSerialNumber: identity.serialNumber,
    _SMSTSAssetTag: identity.assetTag,
    _SMSTSUUID: identity.smbiosGuid,
    _SMSTSMacAddresses: identity.macAddresses.join(','),
  };
}

function ofRun(grant: Parameters<typeof builtInVariables>[1]): Values {
  return {
    _SMSTSPackageID: grant.sequenceId,
    _SMSTSPackageName: grant.sequenceName,
    _SMSTSBootImageID: grant.bootImage,
    _SMSTSMachineName: grant.deviceName,
    _SMSTSOrgName: 'IT Organization',
    // A required deployment starts by itself, an available one is chosen at the machine.
    _SMSTSUserStarted: grant.purpose && String(grant.purpose === 'available'),
    _SMSTSRunFromDP: grant.download === 'from-distribution-point' ? 'true' : undefined,
    _SMSTSDownloadOnDemand: String((grant.download ?? 'when-needed') === 'when-needed'),
  };
}

function ofAgent(
  { server, logFolder, sequence, clientCache, media }: AgentFacts,
  deployment: string,
): Values {
  const [, address, port] = /^(.*):(\d+)$/.exec(server ?? '') ?? [];
  return {
    // Stand-alone media know of no deployment.
    _SMSTSAdvertID: media?.type === 'FullMedia' ? undefined : deployment,
    _SMSTSLaunchMode: media?.launchMode ?? 'PXE',
    _SMSTSMediaType: media?.type ?? 'PXE',
    _SMSMediaGuid: media?.id,
    _SMSTSMP: address,
    _SMSTSMPPort: port,
    // The agent speaks to its server in no other way; what is revoked, its CA no longer signs.
    _SMSTSUseSSL: address && 'true',
    _SMSTSUseCRL: address && 'false',
    _SMSTSLogPath: logFolder,
    _SMSTSClientCache: clientCache,
    _SMSTSType: sequence && (installsSystem(sequence.steps) ? '2' : '1'),
  };
}

/** Whether an enabled step applies an operating system. */
function installsSystem(nodes: readonly SequenceNode[]): boolean {
  return nodes.some(
    (node) =>
      !node.disabled &&
      (node.kind === 'group' ? installsSystem(node.steps) : node.type === 'apply-image'),
  );
}

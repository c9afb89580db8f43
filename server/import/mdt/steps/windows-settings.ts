import type { MappedAction } from '../../map-step.ts';
import { type DynamicRule, notExists } from '../rules/rule-parts.ts';
import { accountRules } from '../share-account.ts';
import { equivalent, type MapMdtStep, quietAccount, variable, wmi } from '../step-parts.ts';

const fill = (name: string, from: string): DynamicRule => ({
  condition: { all: [notExists(name), { kind: 'variable', variable: from, operator: 'exists' }] },
  variables: [{ name, value: `%${from}%` }],
});
/** MDT's names, put into those of Configuration Manager where they have no value. */
const names: MappedAction = {
  name: 'Take the names of MDT',
  type: 'set-dynamic-variables',
  params: {
    rules: [
      fill('OSDComputerName', 'ComputerName'),
      fill('UserLocale', 'SystemLocale'),
      ...accountRules('MdtJoinAccount', { user: 'DomainAdmin', domain: 'DomainAdminDomain' }),
    ],
  },
};

const settings = {
  computerName: '%OSDComputerName%',
  registeredUser: '%FullName%',
  registeredOrganization: '%OrgName%',
  productKey: '%ProductKey%',
  timeZone: '%TimeZoneName%',
  inputLocale: '%KeyboardLocale%',
  systemLocale: '%SystemLocale%',
  uiLanguage: '%UILanguage%',
  userLocale: '%UserLocale%',
};

/** A domain, and an account that may join it. */
const isToJoin = { all: [variable('JoinDomain', 'exists'), variable('DomainAdmin', 'exists')] };
const join = {
  join: 'domain',
  domain: '%JoinDomain%',
  ou: '%MachineObjectOU%',
  account: { user: '%MdtJoinAccount%', password: '%DomainAdminPassword%' },
};

/** ZTIConfigure: the answer file gets what the variables of MDT say. */
export const configure: MapMdtStep = (reader) => {
  quietAccount(reader);
  return equivalent(
    'Apply Windows Settings and Apply Network Settings write the answer file from the same variables',
    names,
    {
      name: 'Apply Windows Settings',
      type: 'apply-windows-settings',
      params: { ...settings, randomAdminPassword: false, adminPassword: '%AdminPassword%' },
      condition: variable('AdminPassword', 'exists'),
    },
    {
      name: 'Apply Windows Settings, no password given',
      type: 'apply-windows-settings',
      params: { ...settings, randomAdminPassword: true },
      condition: variable('AdminPassword', 'notExists'),
    },
    {
      name: 'Join the domain',
      type: 'apply-network-settings',
      params: join,
      condition: isToJoin,
    },
    {
      name: 'Join the workgroup',
      type: 'apply-network-settings',
      params: { join: 'workgroup', workgroup: '%JoinWorkgroup%' },
      condition: variable('JoinWorkgroup', 'exists'),
    },
  );
};

const notJoined = wmi('SELECT * FROM Win32_ComputerSystem WHERE PartOfDomain = FALSE');

/** ZTIDomainJoin: joins the domain where Windows Setup has not. */
export const domainJoin: MapMdtStep = (reader) => {
  quietAccount(reader);
  const recovery = reader.text('DomainErrorRecovery')?.trim().toLowerCase();
  if (recovery === 'manual')
    reader.need({
      kind: 'setting',
      message: 'It let a person join the domain by hand where that failed; here the step fails',
    });
  return equivalent(
    'Join Domain or Workgroup, where the computer is not in the domain yet',
    { ...names, name: 'Find the account' },
    {
      name: 'Join the domain',
      type: 'join-domain',
      params: join,
      condition: { all: [isToJoin, notJoined] },
    },
  );
};

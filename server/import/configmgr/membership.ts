import type { MapStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';
import { accountOf, requiredAccount } from './account.ts';
import { switchBeside } from './setting-values.ts';
import { typed } from './typed-step.ts';

/** The variables of the two steps that join; the properties of the editor are called the same in both. */
interface MembershipNames {
  readonly join: readonly [string, string];
  readonly workgroup: string;
  readonly domain: string;
  readonly ou: string;
}

const account = {
  what: 'the account that joins the domain',
  user: ['DomainUsername', 'OSDJoinAccount'],
  password: ['DomainPassword', 'OSDJoinPassword'],
} as const;

/** What is joined, and by whom; empty where the source says nothing of it. */
export function membershipOf(
  reader: StepReader,
  names: MembershipNames,
): Readonly<Record<string, unknown>> {
  const workgroup = reader.text('WorkgroupName', names.workgroup)?.trim();
  const domain = reader.text('DomainName', names.domain)?.trim();
  const ou = reader.text('DomainOUName', names.ou)?.trim();
  const choice = reader.text(...names.join)?.trim();
  if (choice === '0' || (choice !== '1' && domain !== undefined))
    return {
      join: 'domain',
      domain: domain ?? missing(reader, 'The domain to join', names.domain),
      ou,
      workgroup,
      account: requiredAccount(reader, { ...account, userVariable: 'OSDJoinAccount' }),
    };
  const kept = { domain, ou, account: accountOf(reader, account) };
  if (choice === undefined && workgroup === undefined) return kept;
  const name = workgroup ?? missing(reader, 'The workgroup to join', names.workgroup);
  return { join: 'workgroup', workgroup: name, ...kept };
}

/** A variable in the place of a name that a person must give. */
function missing(reader: StepReader, what: string, variable: string): string {
  reader.need({
    kind: 'setting',
    message: `${what} is not in the file`,
    hint: `Set the variable ${variable} of a collection or device, or write the name into the step.`,
  });
  return `%${variable}%`;
}

/** Join Domain or Workgroup. */
export const joinDomain: MapStep = (reader) =>
  typed(reader, 'join-domain', {
    ...membershipOf(reader, {
      join: ['Type', 'OSDJoinType'],
      workgroup: 'OSDJoinWorkgroupName',
      domain: 'OSDJoinDomainName',
      ou: 'OSDJoinDomainOUName',
    }),
    skipReboot: switchBeside(reader, false, 'SkipReboot', 'OSDJoinSkipReboot'),
  });

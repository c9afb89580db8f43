import type { NetworkSettings } from '#agent/steps/apply-network-settings.ts';
import {
  component,
  element,
  type ProcessorArchitecture,
  type UnattendComponent,
  type UnattendElement,
} from './unattend.ts';
import { UnattendError } from './unattend-error.ts';

type Membership = Pick<NetworkSettings, 'join' | 'workgroup' | 'domain' | 'ou' | 'account'>;

/**
 * Joining a domain or a workgroup in specialize; undefined where nothing is to be joined. A blob of
 * `djoin /provision` counts for all of it: it has no password in it, and is for this machine alone.
 * @throws {UnattendError} `unattend.join-blob`
 */
export function joinComponent(
  membership: Partial<Membership>,
  joinBlob: string | undefined,
  architecture: ProcessorArchitecture,
): UnattendComponent | undefined {
  const identification = joinBlob === undefined ? joined(membership) : [provisioning(joinBlob)];
  if (identification === undefined) return undefined;
  return component('Microsoft-Windows-UnattendedJoin', architecture, [
    element('Identification', identification),
  ]);
}

function joined(membership: Partial<Membership>): readonly UnattendElement[] | undefined {
  switch (membership.join) {
    case 'workgroup':
      return [element('JoinWorkgroup', membership.workgroup?.trim() ?? '')];
    case 'domain':
      return domainJoin(membership);
    case undefined:
      return undefined;
  }
}

function domainJoin({ domain, ou, account }: Partial<Membership>): readonly UnattendElement[] {
  const name = domain?.trim() ?? '';
  const unit = distinguishedName(ou ?? '');
  return [
    ...(account === undefined ? [] : [credentials(account, name)]),
    element('JoinDomain', name),
    ...(unit === '' ? [] : [element('MachineObjectOU', unit)]),
  ];
}

/** `DOMAIN\user`, `user@domain`, or a user of the domain that is joined. */
function credentials(
  { user, password }: NonNullable<Membership['account']>,
  joinedDomain: string,
): UnattendElement {
  const backslash = user.indexOf('\\');
  const ownDomain = user.includes('@') ? '' : joinedDomain;
  const domain = backslash < 0 ? ownDomain : user.slice(0, backslash);
  return element('Credentials', [
    ...(domain === '' ? [] : [element('Domain', domain)]),
    element('Username', user.slice(backslash + 1)),
    element('Password', password),
  ]);
}

/** Windows wants the name alone, not the address that Configuration Manager has: `LDAP://server/OU=…`. */
function distinguishedName(ou: string): string {
  return ou.trim().replace(/^LDAP:\/\/(?:[^/=,]*\/)?/i, '');
}

/** The file that djoin writes is UTF-16 text and ends in a NUL; what counts is the Base64 in it. */
function provisioning(joinBlob: string): UnattendElement {
  const blob = joinBlob.replaceAll(/[\s\0\ufeff]/g, '');
  if (blob === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(blob))
    throw new UnattendError(
      'unattend.join-blob',
      `The offline domain join blob of ${joinBlob.length} characters is no Base64`,
      { hint: 'Take what djoin /provision /savefile wrote, and read that file as UTF-16.' },
    );
  return element('Provisioning', [element('AccountData', blob)]);
}

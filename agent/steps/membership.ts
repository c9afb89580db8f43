/** Joining a domain or a workgroup, as two steps have it, and the names of its variables in each. */
import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import type { ActionVariables } from '#agent/sequence/step.ts';
import { Account, accountVariables } from './account.ts';

export const Join = z.enum(['domain', 'workgroup']);

/** The settings but for the choice itself, to be spread into the params of a step. */
export const membershipFields = {
  workgroup: z.string().max(32).optional().meta({
    title: 'Workgroup',
    description: 'Where a workgroup is joined.',
  }),
  domain: z.string().max(255).optional().meta({
    title: 'Domain',
    description: 'Where a domain is joined: corp.example.com.',
  }),
  ou: z.string().max(32_767).optional().meta({
    title: 'Organizational unit',
    description:
      'LDAP://OU=Workstations,DC=corp,DC=example,DC=com. A computer that has an account elsewhere is not moved.',
  }),
  account: Account.optional().meta({
    title: 'Account',
    description: 'May join computers to the domain; also leaves one for a workgroup.',
  }),
};
const Membership = z.object({ join: Join.optional(), ...membershipFields });
type Membership = z.output<typeof Membership>;

/** What the choice needs beside it. */
export function* membershipFaults({ join, workgroup, domain, account }: Membership) {
  if (join === 'workgroup' && isEmpty(workgroup))
    yield { path: ['workgroup'], message: 'needs the name of the workgroup to join' };
  if (join !== 'domain') return;
  if (isEmpty(domain)) yield { path: ['domain'], message: 'needs the name of the domain to join' };
  if (account === undefined)
    yield { path: ['account'], message: 'needs an account that may join the domain' };
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

/** The settings as variables. */
export function membershipVariables(names: {
  readonly join: string;
  readonly workgroup: string;
  readonly domain: string;
  readonly ou: string;
  readonly user: string;
  readonly password: string;
}): ActionVariables {
  return joinActionVariables(
    plainActionVariables({
      [names.join]: { param: 'join', words: { 0: 'domain', 1: 'workgroup' }, schema: Join },
      [names.workgroup]: { param: 'workgroup', schema: membershipFields.workgroup },
      [names.domain]: { param: 'domain', schema: membershipFields.domain },
      [names.ou]: { param: 'ou', schema: membershipFields.ou },
    }),
    accountVariables({ user: names.user, password: names.password }),
  );
}

import type { Page } from '../question.ts';
import { choice, line } from './answer-text.ts';

const inDomain = [{ answer: 'join', is: ['domain'] }];

/** Workgroup or domain. The password of the account is no answer: it is a secret variable. */
export const networkAnswers = {
  join: choice(['workgroup', 'domain']).default('workgroup').meta({
    title: 'Join',
    description: 'A workgroup, or a domain',
  }),
  workgroup: line(32)
    .default('WORKGROUP')
    .meta({ title: 'Workgroup', description: 'Up to 32 characters' }),
  domain: line(255).optional().meta({ title: 'Domain', description: 'Its DNS name' }),
  domainOu: line(1000).optional().meta({
    title: 'Organizational unit',
    description: 'LDAP://OU=Computers,DC=example,DC=com. Nothing: where the domain puts them',
  }),
  domainAccount: line(255).optional().meta({
    title: 'Account that joins',
    description: 'DOMAIN\\user. Its password is the secret variable OSDJoinPassword',
  }),
};

export const networkPage: Page = {
  title: 'Network',
  help: 'What the machine belongs to.',
  questions: [
    { answer: 'join' },
    { answer: 'workgroup', when: [{ answer: 'join', is: ['workgroup'] }] },
    { answer: 'domain', when: inDomain, required: true },
    { answer: 'domainOu', when: inDomain },
    { answer: 'domainAccount', when: inDomain, required: true },
  ],
};

import { VARIABLE_MARK } from '#agent/sequence/variables.ts';
import type { Page, PageQuestion } from '../question.ts';
import { choice, line, wholeNumber } from './answer-text.ts';

const KEY = /^[0-9A-Z]{5}(-[0-9A-Z]{5}){4}$/i;
const COMPUTER_NAME = /^(?!\d+$)[\p{L}\p{N}_-]{1,15}$/u;

function hasVariable(text: string): boolean {
  return text.search(VARIABLE_MARK) >= 0;
}

/** A product key, or a variable that has it. */
export function productKey() {
  return line(255)
    .refine(
      (text) => KEY.test(text) || hasVariable(text),
      'is five groups of five letters and digits with dashes, or a %Variable%',
    )
    .meta({
      title: 'Product key',
      description: 'XXXXX-XXXXX-XXXXX-XXXXX-XXXXX. Nothing for volume licences',
    });
}

/** Windows itself: registration, licence, administrator, time zone. */
export const windowsAnswers = {
  computerName: line(255)
    .refine(
      (name) => COMPUTER_NAME.test(name) || hasVariable(name),
      'is 1 to 15 letters, digits and hyphens, not digits alone, or has a %Variable% in it',
    )
    .optional()
    .meta({
      title: 'Computer name',
      description: 'Nothing: the name that the server knows the machine by. May hold %Variables%',
    }),
  userName: line(255).optional().meta({ title: 'User name', description: 'Registered owner' }),
  organization: line(255)
    .optional()
    .meta({ title: 'Organization', description: 'Registered organization' }),
  productKey: productKey().optional(),
  licensing: choice(['none', 'per-seat', 'per-server']).default('none').meta({
    title: 'Server licensing',
    description: 'Only old versions of Windows Server ask for it',
  }),
  licensingLimit: wholeNumber(5, 9999).default(5).meta({
    title: 'Maximum connections',
    description: 'Of licensing per server',
  }),
  administrator: choice(['random', 'enabled']).default('random').meta({
    title: 'Local administrator',
    description:
      'random: a password that nobody knows, and disabled. enabled: with the password of the variable OSDLocalAdminPassword',
  }),
  language: line(255).optional().meta({
    title: 'Language',
    description: 'Of display, formats and keyboard: en-GB. Nothing: that of the image',
  }),
  timeZone: line(255).optional().meta({
    title: 'Time zone',
    description: 'As the registry of Windows names it: W. Europe Standard Time',
  }),
};

const questions: readonly PageQuestion[] = [
  { answer: 'computerName' },
  { answer: 'userName' },
  { answer: 'organization' },
  { answer: 'productKey' },
  { answer: 'licensing' },
  { answer: 'licensingLimit', when: [{ answer: 'licensing', is: ['per-server'] }] },
  { answer: 'administrator' },
  { answer: 'language' },
  { answer: 'timeZone' },
];

export const windowsPage: Page = {
  title: 'Windows',
  help: 'What Windows Setup asks.',
  questions,
};

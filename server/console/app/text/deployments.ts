import { count } from '../parts/format.ts';

/** Words of deployments. */
export const deploymentsText = {
  title: 'Deployments',
  text: 'Which task sequence is meant for which devices.',
  make: 'New deployment',
  back: 'All deployments',
  columns: {
    sequence: 'Task sequence',
    collection: 'Collection',
    purpose: 'Purpose',
    made: 'Made',
  },
  purposes: { available: 'available', required: 'required' },
  withdrawn: 'withdrawn',
  empty: {
    title: 'Nothing is deployed yet',
    text: 'A deployment needs a task sequence and a collection of devices.',
  },
  showWithdrawn: 'Show those that were withdrawn, too',
  status: 'How it stands',
  standings: {
    'in-progress': 'In progress',
    success: 'Success',
    error: 'Error',
    'requirements-not-met': 'Requirements not met',
    unknown: 'Not heard of yet',
  },
  alerts: (number: number) =>
    `${count(number, 'device')} will never start by itself as things are.`,
  devices: 'Devices',
  noDevices: 'The collection has no members.',
  withdraw: 'Withdraw',
  withdrawTitle: (sequence: string) => `Withdraw “${sequence}”`,
  withdrawText: (collection: string, number: number) =>
    `It is offered to none of the ${count(number, 'device')} of “${collection}” any more. Runs that have begun go on.`,
  withdrawnNow: 'The deployment is withdrawn',
  form: {
    title: 'New deployment',
    sequence: 'Task sequence',
    collection: 'Collection',
    choose: 'Choose one',
    purpose: 'Purpose',
    available: 'Available: offered in the menu at the machine',
    required: 'Required: starts by itself when the machine next starts from the network',
    notReady: 'cannot be deployed',
    members: 'Exactly these machines',
    membersText: {
      available: (number: number) => `It is offered to ${count(number, 'machine')}:`,
      required: (number: number) =>
        `It runs on ${count(number, 'machine')}, without anybody asking:`,
    },
    andMore: (number: number) => `and ${count(number, 'other')}`,
    later: 'Devices that become members later get it, too.',
    warnings: 'To be accepted first',
    unhide: 'Deploy to so many machines all the same',
    accept: (message: string) => `I accept: ${message}`,
    refused: 'This cannot be deployed',
    unknown: 'Unknown computers',
    unknownText:
      'A required deployment to unknown computers erases machines that nobody has named. Say where, until when and how many an hour.',
    subnets: 'Subnets',
    hours: 'Ends in hours',
    perHour: 'Machines an hour',
    submit: (purpose: 'available' | 'required', number: number) =>
      purpose === 'required'
        ? `Deploy to ${count(number, 'machine')}`
        : `Offer to ${count(number, 'machine')}`,
    made: (sequence: string, collection: string) => `${sequence} is deployed to ${collection}`,
  },
} as const;

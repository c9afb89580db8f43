/** Settings of Enable BitLocker that its action in this version does not know: the recovery key in the database. */
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { wholeNumber } from './whole-number.ts';

/** To be spread into the params of the step. */
export const databaseParams = {
  keyPollingSeconds: wholeNumber(15, 86_400).default(300).meta({
    title: 'Recovery key polling frequency (seconds)',
    description: 'How often it is looked whether the database has the key.',
  }),
  keyTimeoutSeconds: wholeNumber(30, 86_400)
    .default(1800)
    .meta({ title: 'Recovery key polling time-out (seconds)' }),
};

export const databaseVariables = plainActionVariables({
  OSDRecoveryKeyPollingFrequency: {
    param: 'keyPollingSeconds',
    type: 'number',
    schema: databaseParams.keyPollingSeconds,
  },
  OSDRecoveryKeyPollingTimeout: {
    param: 'keyTimeoutSeconds',
    type: 'number',
    schema: databaseParams.keyTimeoutSeconds,
  },
});

/** What of these settings a run is refused with. */
export function databaseSettings(recoveryKey: string): readonly string[] {
  return recoveryKey === 'database'
    ? ['the recovery key in the database: keep it in Active Directory, or create none']
    : [];
}

import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { oneOf } from './one-of.ts';
import { trueOrFalse } from './true-or-false.ts';
import { wholeNumber } from './whole-number.ts';

const params = z.strictObject({
  request: oneOf(['capture', 'restore']).default('capture').meta({
    title: 'Request access to the state store',
    description:
      'capture: room for the state of this computer. restore: the state that was captured from it, or from another computer that is associated with it.',
  }),
  retries: wholeNumber(0, 600).default(0).meta({
    title: 'Number of retries',
    description: 'Where there is no store yet.',
  }),
  retryDelaySeconds: wholeNumber(0, 600)
    .default(0)
    .meta({ title: 'Retry delay (seconds)', description: 'Between two of them.' }),
  useNetworkAccount: trueOrFalse().default(false).meta({
    title: 'If computer account fails to connect to state store, use the network access account',
    description: 'Less safe: other computers can read the state by that account.',
  }),
});

/** Request State Store (reference: steps, section 8). Each needs a Release State Store after it. */
export const requestStateStore = defineLaterStep({
  type: 'request-state-store',
  title: 'Request State Store',
  menu: 'user-state',
  help: 'Asks for a place to keep user state in, or where that of this computer is kept: OSDStateStorePath.',
  needs: ['query'],
  runsIn: ['winpe', 'full-os'],
  params,
  repeatable: true,
  actionVariables: plainActionVariables({
    OSDStateSMPRetryCount: { param: 'retries', type: 'number', schema: params.shape.retries },
    OSDStateSMPRetryTime: {
      param: 'retryDelaySeconds',
      type: 'number',
      schema: params.shape.retryDelaySeconds,
    },
    OSDStateFallbackToNAA: {
      param: 'useNetworkAccount',
      type: 'boolean',
      schema: params.shape.useNetworkAccount,
    },
  }),
  references: () => [],
  async *simulate({ request }, { variables }) {
    yield { detail: request === 'capture' ? 'Room for user state' : 'The user state kept' };
    const computer = variables.value('_SMSTSMachineName') ?? 'computer';
    const path = variables.value('OSDStateStorePath') ?? `\\\\state-store\\${computer}`;
    variables.set('OSDStateStorePath', path);
    return {};
  },
});

import type { MappedAction } from '../map-step.ts';
import type { DynamicRule } from './rules/rule-parts.ts';
import { variable } from './step-parts.ts';

/**
 * An account that MDT has in two variables, user and domain, as one: the domain may also stand in the
 * name of the user. No value where there is no user.
 */
export function accountRules(
  into: string,
  { user, domain }: { readonly user: string; readonly domain: string },
): readonly DynamicRule[] {
  const is = (name: string, operator: 'exists' | 'notLike', value?: string) =>
    value === undefined
      ? ({ kind: 'variable', variable: name, operator } as const)
      : ({ kind: 'variable', variable: name, operator, value } as const);
  return [
    { variables: [{ name: into, value: `%${user}%` }] },
    {
      condition: {
        all: [
          is(user, 'exists'),
          is(domain, 'exists'),
          is(user, 'notLike', '*\\*'),
          is(user, 'notLike', '*@*'),
        ],
      },
      variables: [{ name: into, value: `%${domain}%\\%${user}%` }],
    },
  ];
}

const SHARE_ACCOUNT = 'MdtShareAccount';

/** The account with which MDT reaches its shares. */
export const shareAccountRules: readonly DynamicRule[] = accountRules(SHARE_ACCOUNT, {
  user: 'UserID',
  domain: 'UserDomain',
});

/** A step with that account, and without one where the rules name none. */
export function withShareAccount({
  params,
  condition,
  ...action
}: MappedAction): readonly [MappedAction, MappedAction] {
  const only = (operator: string) => {
    const found = variable(SHARE_ACCOUNT, operator);
    return condition === undefined ? found : { all: [condition, found] };
  };
  const account = { user: `%${SHARE_ACCOUNT}%`, password: '%UserPassword%' };
  return [
    { ...action, params: { ...params, account }, condition: only('exists') },
    { ...action, params, condition: only('notExists') },
  ];
}

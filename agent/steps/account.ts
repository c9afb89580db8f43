/** A user and a password, as steps have them, and the two variables that may hold them. */
import { z } from 'zod';
import { checkPreset } from '#agent/sequence/action-variables.ts';
import type { ActionVariables } from '#agent/sequence/step.ts';

/** The account that a step works with. */
export const Account = z.strictObject({
  user: z.string().trim().min(1, 'needs the name of a user').max(512).meta({
    title: 'User name',
    description: 'user or DOMAIN\\user. An account of the site: account:Name, without a password.',
  }),
  password: z.string().max(256).default('').meta({
    title: 'Password',
    description: 'Best a %Variable% that is hidden: a password written here is in the document.',
    writeOnly: true,
  }),
});

/**
 * The account in the param `account` as variables. A user that was set beforehand gives an account to a
 * step that has none; a password alone does not.
 */
export function accountVariables(names: {
  readonly user: string;
  readonly password: string;
}): ActionVariables {
  return {
    toVariables({ account }) {
      const parsed = Account.safeParse(account);
      if (!parsed.success) return {};
      return { [names.user]: parsed.data.user, [names.password]: parsed.data.password };
    },
    override(params, preset) {
      const own = params['account'];
      const user = preset(names.user);
      const password = preset(names.password);
      if (user === undefined && own === undefined) return params;
      if (user !== undefined) checkPreset(names.user, Account.shape.user, user);
      if (password !== undefined) checkPreset(names.password, Account.shape.password, password);
      const account = {
        ...(typeof own === 'object' ? own : {}),
        ...(user === undefined ? {} : { user }),
        ...(password === undefined ? {} : { password }),
      };
      return { ...params, account };
    },
  };
}

import type { StepReader } from '../step-reader.ts';

/** Where a step of Configuration Manager has an account, and what it is for. */
interface AccountNames {
  /** `the account that joins the domain`. */
  readonly what: string;
  readonly user: readonly [string, ...string[]];
  readonly password: readonly [string, ...string[]];
}

/** The account of a step; undefined where none is chosen. Its password is never in the document. */
export function accountOf(
  reader: StepReader,
  { what, user, password }: AccountNames,
): Readonly<Record<string, string>> | undefined {
  const named = reader.text(...user)?.trim() ?? '';
  if (named === '') {
    reader.ignore(...password);
    return undefined;
  }
  const secret = reader.secret(`The password of ${what}`, ...password);
  return secret === undefined ? { user: named } : { user: named, password: secret };
}

/** The same for a step that cannot be without: a variable takes the place of a user that is not there. */
export function requiredAccount(
  reader: StepReader,
  { userVariable, ...names }: AccountNames & { readonly userVariable: string },
): Readonly<Record<string, string>> {
  const found = accountOf(reader, names);
  if (found === undefined)
    reader.need({
      kind: 'setting',
      message: `The name of ${names.what} is not in the file`,
      hint: `Set the variable ${userVariable} of a collection or device, or write the name into the step.`,
    });
  const password = found?.['password'] ?? reader.secretIn(`The password of ${names.what}`, false);
  return { user: `%${userVariable}%`, ...found, password };
}

import { z } from 'zod';
import { PersonName, type PersonRole } from '../trust/person-role.ts';
import { mapsRoles, type OidcConfig } from './oidc-config.ts';
import { OidcError } from './oidc-error.ts';

/** Claims of an ID token or of the userinfo endpoint, verified. */
export type Claims = Readonly<Record<string, unknown>>;

/** At most 255 ASCII characters, with case (OpenID Connect Core, section 2). */
const Subject = z
  .string()
  .max(255)
  .regex(/^[\x21-\x7e]+$/);
/** AD FS sends one group as a text, and several as a list. */
const Groups = z.union([
  z.array(z.string()),
  z.string().transform((one) => (one === '' ? [] : [one])),
]);

/** A claim by its name; a name with dots that is none is a path, `realm_access.roles`. */
export function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const key of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Who the claims are about. @throws {OidcError} `oidc.claims` */
export function subjectOf(claims: Claims): string {
  const parsed = Subject.safeParse(claims['sub']);
  if (parsed.success) return parsed.data;
  throw new OidcError('oidc.claims', 'The token has no usable sub, so it tells nobody', {
    hint: 'the provider has to send sub as a text of at most 255 characters without blanks',
  });
}

/** The name for a new account; undefined where the claim is missing or no name. */
export function nameOf(claims: Claims, { nameClaim }: OidcConfig): string | undefined {
  return PersonName.safeParse(claimOf(claims, nameClaim)).data;
}

/**
 * The role that the provider's groups give: the first of administrator, author, operator, auditor with one
 * of them, else the default. Null: roles are given here.
 *
 * @throws {OidcError} `oidc.claims` for groups of another form, `oidc.role` for somebody without a role
 */
export function roleOf(claims: Claims, config: OidcConfig): PersonRole | null {
  if (!mapsRoles(config)) return null;
  const { roles, groupsClaim, defaultRole } = config;
  const parsed = Groups.safeParse(claimOf(claims, groupsClaim) ?? []);
  if (!parsed.success)
    throw new OidcError('oidc.claims', `The claim ${groupsClaim} is no list of texts`, {
      hint: 'oidc.groupsClaim names the claim; have the provider send the names of groups in it',
    });
  const held = new Set(parsed.data);
  const order = ['administrator', 'author', 'operator', 'auditor'] as const;
  const role = order.find((each) => roles[each].some((group) => held.has(group))) ?? defaultRole;
  if (role !== null) return role;
  throw new OidcError('oidc.role', 'None of the groups that the provider tells gives a role here', {
    hint: 'the provider has to put the person into a group of oidc.roles, and send its name',
  });
}

import { z } from 'zod';
import * as api from '../api.ts';
import * as accounts from '../api-accounts.ts';
import * as people from '../api-people.ts';
import type { Row } from './operation.ts';

/** The rows of signing in, people and accounts of the site, under their headings. */
export const peopleOperations: readonly (readonly [tag: string, rows: readonly Row[]])[] = [
  [
    'Session',
    [
      [
        'POST /api/v1/session',
        'Signs in by a one-time link, or by name and password',
        people.SessionView,
      ],
      ['GET /api/v1/session', 'Says who is signed in', people.SessionView],
      ['PUT /api/v1/session/password', 'Changes the own password', people.SessionView],
      ['DELETE /api/v1/session', 'Signs out', people.SignedOut],
      ['GET /api/v1/sign-in', 'Tells the ways to sign in', people.SignInWays],
      ['POST /api/v1/sign-in/oidc', 'Begins to sign in by the OpenID provider', people.OidcBegun],
      ['GET /api/v1/sign-in/oidc/callback', 'Takes a browser back from the provider', 'page'],
      [
        'GET /api/v1/sign-in/oidc/signed-out',
        'Takes a browser back that has signed out at the provider',
        'page',
      ],
      ['POST /api/v1/admin-links', 'Makes a one-time link that signs a browser in', api.AdminLink],
    ],
  ],
  [
    'People',
    [
      ['GET /api/v1/people', 'Lists accounts', z.array(people.PersonView)],
      ['POST /api/v1/people', 'Makes an account', people.PersonView],
      ['GET /api/v1/people/:id', 'Answers an account', people.PersonView],
      [
        'PUT /api/v1/people/:id',
        'Changes the role of an account, or disables it',
        people.PersonView,
      ],
      ['PUT /api/v1/people/:id/password', 'Sets a password and signs out everywhere', 'nothing'],
      ['DELETE /api/v1/people/:id', 'Takes an account away', 'nothing'],
      [
        'GET /api/v1/sessions',
        'Lists browsers that are signed in',
        z.array(people.OpenSessionView),
      ],
      ['DELETE /api/v1/sessions/:id', 'Signs a browser out', 'nothing'],
      ['GET /api/v1/tokens', 'Lists API tokens', z.array(people.TokenView)],
      ['POST /api/v1/tokens', 'Makes an API token, told this once', people.TokenCreated],
      ['GET /api/v1/tokens/:id', 'Answers an API token', people.TokenView],
      ['DELETE /api/v1/tokens/:id', 'Ends an API token', 'nothing'],
    ],
  ],
  [
    'Accounts',
    [
      ['GET /api/v1/accounts', 'Lists accounts of the site', z.array(accounts.SiteAccountView)],
      ['POST /api/v1/accounts', 'Keeps an account of the site', accounts.SiteAccountView],
      ['GET /api/v1/accounts/:id', 'Answers an account of the site', accounts.SiteAccountView],
      ['PUT /api/v1/accounts/:id', 'Changes an account of the site', accounts.SiteAccountView],
      ['DELETE /api/v1/accounts/:id', 'Takes an account of the site away', 'nothing'],
      [
        'GET /api/v1/account-cases',
        'Lists the cases that need an account, and whether it is there',
        z.array(accounts.AccountCaseView),
      ],
      [
        'GET /api/v1/deployments/:id/secrets',
        'Tells how sure a machine must be for the secrets of a deployment',
        accounts.DeploymentSecrets,
      ],
      [
        'PUT /api/v1/deployments/:id/secrets',
        'Sets how sure a machine must be for the secrets of a deployment',
        accounts.DeploymentSecrets,
      ],
    ],
  ],
];

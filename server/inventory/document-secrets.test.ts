import { expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { documentHasSecrets } from './document-secrets.ts';

const set = (params: object, more = {}) => ({ step: 's', type: 'set-variable', params, ...more });
const run = (runAs: object) => ({
  step: 's',
  type: 'run-command',
  params: { commandLine: 'whoami', runAs },
});

it.each([
  { what: 'a variable that is set as secret', step: set({ name: 'A', value: 'x', secret: true }) },
  {
    what: 'a variable that is one by its name',
    step: set({ name: 'OSDJoinPassword', value: 'x' }),
  },
  { what: 'a password of an account', step: run({ user: 'EXAMPLE\\joe', password: 'x' }) },
  { what: 'half a password', step: run({ user: 'EXAMPLE\\joe', password: 'x%Rest%' }) },
])('M12 $what in a document is a secret, in a group too', ({ step }) => {
  const document = { name: 'S', steps: [{ group: 'g', steps: [step] }] };
  expect(documentHasSecrets(parseTaskSequence(document, steps))).toBe(true);
});

it.each([
  { what: 'a plain variable', step: set({ name: 'A', value: 'password' }) },
  { what: 'a secret that is put in on the machine', step: run({ user: 'joe', password: '%P%' }) },
  { what: 'a secret that is deleted', step: set({ name: 'A', value: '', secret: true }) },
  {
    what: 'a disabled step',
    step: set({ name: 'OSDJoinPassword', value: 'x' }, { disabled: true }),
  },
])('M12 $what tells none', ({ step }) => {
  const document = { name: 'S', steps: [set({ name: 'B', value: 'b' }), step] };
  expect(documentHasSecrets(parseTaskSequence(document, steps))).toBe(false);
});

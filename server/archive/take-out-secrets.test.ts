import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { steps } from '#agent/steps/index.ts';
import { readDocumentText } from '../document-text.ts';
import { readSequenceText } from '../sequence-text.ts';
import { takeOutSecrets } from './take-out-secrets.ts';

const take = (text: string, format: 'yaml' | 'json' = 'yaml') =>
  takeOutSecrets({ text, format }, readDocumentText(text).value);

/** As JSON, with a password, and that in another value. */
function documentOf(password: string, indent = 0): string {
  const runAs = { user: 'u', password };
  const step = { step: 'A', type: 'run-command', params: { commandLine: 'w', runAs } };
  const say = { step: 'B', type: 'set-variable', params: { name: 'V', value: `<${password}>` } };
  return JSON.stringify({ name: 'N', steps: [step, say] }, null, indent);
}

describe('M24 secrets of an export', () => {
  it('are taken out of the text, and nothing else is', () => {
    const text = `name: Install # S3cret-one is asked for by phone
steps:
  - step: Account
    disabled: true
    type: run-command
    params:
      commandLine: net use /user:joe S3cret-one
      runAs: { user: joe, password: S3cret-one } # of the bench
  - group: Windows
    steps:
      - step: Settings
        type: apply-windows-settings
        params:
          productKey: AAAAA-BBBBB-CCCCC-DDDDD-EEEEE
          randomAdminPassword: false
          adminPassword: |-
            S3cret two
      - step: Hidden
        type: set-variable
        params: { name: Key, value: 'it''s secret', secret: true }
      - step: Known by its name
        type: set-variable
        params: { name: OSDJoinPassword, value: S3cret-three }
      - step: None
        type: set-variable
        params: { name: Plain, value: '%Key%' }
`;
    const { text: without, paths } = take(text);
    expect(without).toBe(`name: Install # ******** is asked for by phone
steps:
  - step: Account
    disabled: true
    type: run-command
    params:
      commandLine: net use /user:joe ********
      runAs: { user: joe, password: "" } # of the bench
  - group: Windows
    steps:
      - step: Settings
        type: apply-windows-settings
        params:
          productKey: ""
          randomAdminPassword: false
          adminPassword: "%SecretNotExported%"
      - step: Hidden
        type: set-variable
        params: { name: Key, value: "", secret: true }
      - step: Known by its name
        type: set-variable
        params: { name: OSDJoinPassword, value: "" }
      - step: None
        type: set-variable
        params: { name: Plain, value: '%Key%' }
`);
    expect(paths).toEqual([
      'steps[0].params.runAs.password',
      'steps[1].steps[0].params.productKey',
      'steps[1].steps[0].params.adminPassword',
      'steps[1].steps[1].params.value',
      'steps[1].steps[2].params.value',
    ]);
    expect(() => readSequenceText(without, steps)).not.toThrow();
    expect(take(without).paths).toEqual([]);
  });

  it('are taken out where they stand in an alias, at the price of the comments', () => {
    const { text } = take(`name: Install
description: &pw S3cret-one
steps:
  - step: Account # of the bench
    type: run-command
    params: { commandLine: whoami, runAs: { user: joe, password: *pw } }
`);
    expect(text).not.toContain('S3cret-one');
    expect(readDocumentText(text).value).toMatchObject({
      description: '********',
      steps: [{ params: { runAs: { password: '' } } }],
    });
  });

  it.each(['yaml', 'json'] as const)(
    'that are the name of a setting are taken out of values, and the setting keeps its name, as %s',
    (format) => {
      for (const password of ['commandLine', 'password', 'params', 'runAs']) {
        const { text, paths } = take(documentOf(password, 2), format);
        expect(paths).toEqual(['steps[0].params.runAs.password']);
        const emptied = documentOf(password).replace(`"password":"${password}"`, '"password":""');
        expect(readDocumentText(text).value).toEqual(
          JSON.parse(emptied.replace(`<${password}>`, '<********>')),
        );
      }
    },
  );

  it('are in no text that comes out, whatever they are and however they are written', () => {
    const secret = fc
      .string({ unit: anyCharacter, minLength: 5, maxLength: 40 })
      // `*` is what stands for a secret; the last three no document has, and JSON writes them as they are.
      .filter((text) => text.isWellFormed() && !/[%*\u007f\ufffe\uffff]/.test(text))
      // Names of settings stay, also where somebody has one of them for a password.
      .filter((text) => !documentOf('').includes(text));
    fc.assert(
      fc.property(secret, fc.constantFrom(0, 1, 2), (value, indent) => {
        const { text, paths } = take(documentOf(value, indent), 'json');
        expect(paths).toEqual(['steps[0].params.runAs.password']);
        const found: unknown = JSON.parse(text);
        expect(found).toMatchObject({ steps: [{ params: { runAs: { password: '' } } }, {}] });
        expect(JSON.stringify(found)).not.toContain(JSON.stringify(value).slice(1, -1));
      }),
      { numRuns: 300 },
    );
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setDynamicVariables } from '#agent/steps/set-dynamic-variables.ts';
import { isMdtSecretName } from '../secret-name.ts';
import { readIni } from './ini.ts';
import { makeRules } from './make-rules.ts';

const folder =
  process.env['METALWRIGHT_SAMPLES'] ??
  resolve(import.meta.dirname, '../../../../../shared/samples');
const samples = join(folder, 'ini');
const files = existsSync(samples)
  ? readdirSync(samples).filter((name) => name.endsWith('.ini'))
  : [];

describe.skipIf(files.length === 0)('M24 rules files of real deployment shares', () => {
  it.each(files)('%s is read, and nothing of it is lost', (name) => {
    const file = readIni(readFileSync(join(samples, name)), name);
    const { rules, needs } = makeRules(file, { from: name });
    expect(setDynamicVariables.params.safeParse({ rules }).error).toBe(undefined);
    expect(needs.filter(({ message }) => message.includes('too many'))).toEqual([]);
    const set = new Set(
      rules.flatMap(({ variables }) => variables.map((each) => each.name.toLowerCase())),
    );
    const told = needs.map(({ message }) => message);
    for (const section of file.sections.values()) {
      const isUnreached = told.some((message) => message.includes(`leads to [${section.name}]`));
      if (isUnreached || section.name.toLowerCase() === 'defaultgateway') continue;
      for (const [key, { value, line }] of section.entries) {
        const isFollowed =
          /^(?:priority|properties|subsection|database|instance|table|netlib|sqlserver|parameters|order)$/.test(
            key,
          );
        const isTold = told.some((message) => message.includes(`line ${line}:`));
        const list = key.replace(/\d+$/, '');
        const isSet = set.has(key) || [...set].some((each) => each.replace(/\d{3}$/, '') === list);
        expect([key, value === '' || isFollowed || isTold || isSet]).toEqual([key, true]);
      }
    }
    for (const { variables } of rules)
      for (const variable of variables)
        if (isMdtSecretName(variable.name)) expect(variable.value).toMatch(/^%[^%]+%$/);
  });

  it('are 49', () => {
    expect(files.length).toBe(49);
  });
});

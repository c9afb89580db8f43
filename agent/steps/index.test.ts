import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stepMenus } from '#agent/sequence/step.ts';
import { steps } from './index.ts';

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts'));
const withSteps = await Promise.all(
  files
    .filter((name) => !name.endsWith('.test.ts') && name !== 'index.ts')
    .map(async (name) => {
      const module: Record<string, unknown> = await import(
        /* @vite-ignore */ `${import.meta.dirname}/${name}`
      );
      const defined = Object.values(module).filter(
        (value) => typeof value === 'object' && value !== null && 'repeatable' in value,
      );
      return { name: name.slice(0, -'.ts'.length), defined };
    }),
);

/** These have none in Configuration Manager either. */
const withoutSettings = ['prepare-client', 'release-state-store'];

describe('M02 the registry of steps', () => {
  it('has each step that a file here defines, by the name of its file', () => {
    const found = withSteps.filter(({ defined }) => defined.length > 0);
    expect(found.map(({ name }) => name).sort()).toEqual(Object.keys(steps).sort());
    for (const { name, defined } of found) {
      expect(defined).toEqual([steps[name]]);
      expect(steps[name]?.type).toBe(name);
    }
  });

  it('is in the README: menu, type, name, whether its action is there', () => {
    const readme = readFileSync(`${import.meta.dirname}/README.md`, 'utf8');
    const rows = [...readme.matchAll(/^\| (\w+(?: \w+)?) +\| `([a-z-]+)` +\| (.*?) +\| (\w+) /gm)];
    expect(rows.map((row) => row.slice(1))).toEqual(
      Object.values(steps).map(({ menu, type, title, action }) => [
        stepMenus[menu],
        type,
        title,
        action,
      ]),
    );
  });

  it('is in the order of the menus', () => {
    const order = Object.keys(stepMenus);
    const places = Object.values(steps).map(({ menu }) => order.indexOf(menu));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  it.each(Object.values(steps))(
    '$type has a form: every param with a title',
    ({ params, type }) => {
      const schema = z.toJSONSchema(params, { io: 'output' });
      const fields = Object.entries(schema.properties ?? {});
      expect(fields.length === 0, type).toBe(withoutSettings.includes(type));
      for (const [name, field] of fields)
        expect(field, `${type}.${name}`).toMatchObject({ title: expect.any(String) });
    },
  );

  it.each(Object.values(steps))('$type names params of references that it has', (definition) => {
    const schema = z.toJSONSchema(definition.params, { io: 'output' });
    for (const place of Object.keys(definition.referenceParams ?? {}))
      expect(Object.keys(schema.properties ?? {})).toContain(/^\w+/.exec(place)?.[0]);
  });
});

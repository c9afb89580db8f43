import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HIDDEN, Variables } from '../sequence/variables.ts';
import { errorDialogMs, postAction, startPostAction, unitArguments } from './end-of-run.ts';

const of = (values: Readonly<Record<string, string>>, secrets: readonly string[] = []) =>
  Variables.none.setAll(
    Object.entries(values).map(([name, value]) => ({
      name,
      value,
      secret: secrets.includes(name),
    })),
  );

describe('M11 SMSTSErrorDialogTimeout', () => {
  it.each([
    [{}, 900_000],
    [{ SMSTSErrorDialogTimeout: '0' }, 0],
    [{ smstserrordialogtimeout: ' 60 ' }, 60_000],
    [{ SMSTSErrorDialogTimeout: '-1' }, 900_000],
    [{ SMSTSErrorDialogTimeout: 'never' }, 900_000],
    [{ SMSTSErrorDialogTimeout: '99999999999' }, 900_000],
  ])('%j shows a failure for %d ms', (values, ms) => {
    expect(errorDialogMs(of(values))).toBe(ms);
  });
});

describe('M11 SMSTSPostAction', () => {
  let folder: string | undefined;
  afterEach(async () => {
    vi.unstubAllEnvs();
    if (folder !== undefined) await rm(folder, { recursive: true });
    folder = undefined;
  });

  it('is a command with the variables put in, as arguments and as environment', () => {
    const variables = of({ SMSTSPostAction: 'say "%Name% at" x', Name: 'PC 1', Pin: '77' }, [
      'Pin',
    ]);
    expect(postAction(variables)).toEqual({
      argv: ['say', 'PC 1 at', 'x'],
      environment: { SMSTSPostAction: 'say "%Name% at" x', Name: 'PC 1' },
      shown: 'say "PC 1 at" x',
    });
    expect(postAction(of({}))).toBeUndefined();
  });

  it('shows no secret: not one that is put in, and nothing of a command that is one', () => {
    const with1 = of({ SMSTSPostAction: 'login %Word%', Word: 'hunter2' }, ['Word']);
    expect(postAction(with1)?.shown).toBe(`login ${HIDDEN}`);
    expect(postAction(of({ SMSTSPostAction: 'login me' }, ['SMSTSPostAction']))?.shown).toBe(
      HIDDEN,
    );
  });

  it('is started in a session of its own, and not waited for', async () => {
    vi.stubEnv('INVOCATION_ID', undefined);
    folder = await mkdtemp(join(tmpdir(), 'post-action-'));
    const file = join(folder, 'said');
    startPostAction(of({ SMSTSPostAction: `sh -c "echo $Name >${file}"`, Name: 'PC1' }));
    await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toMatch(/^PC1/), 5000);
  });

  it.each(['no-such-program-anywhere', 'say "no end'])(
    '%j does not stop the agent',
    async (command) => {
      vi.stubEnv('INVOCATION_ID', undefined);
      startPostAction(of({ SMSTSPostAction: command }));
      // The error of a program that is not there comes later.
      await new Promise((resolve) => setImmediate(resolve));
    },
  );

  it('gets a unit of its own where the agent is a service', () => {
    const environment = { Name: 'PC1', 'With-Dash': '1' };
    expect(unitArguments({ argv: ['reboot', '-f'], environment, shown: '' })).toEqual([
      '--collect',
      '--quiet',
      '--setenv=Name',
      '--',
      'reboot',
      '-f',
    ]);
  });
});

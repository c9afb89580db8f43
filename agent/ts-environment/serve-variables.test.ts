import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StepVariables } from '../sequence/step-variables.ts';
import { Variables } from '../sequence/variables.ts';
import { ask } from './ask.ts';
import { runTsCommand } from './command.ts';
import type { Shown } from './messages.ts';
import { type ScriptSettings, variableServer } from './serve-variables.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-ts-test-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const settings = (): ScriptSettings => ({
  places: [folder],
  agent: [process.execPath, join(import.meta.dirname, '../main.ts')],
  system: 'linux',
  environment: process.env,
});

async function serve(change: Partial<ScriptSettings> = {}) {
  const variables = new StepVariables(
    Variables.none
      .set({ name: 'Owner', value: 'lab', secret: false })
      .set({ name: 'Password', value: 'correct-horse', secret: true }),
  );
  const shown: Shown[] = [];
  const open = variableServer({ ...settings(), ...change });
  const server = await open(variables, (each) => shown.push(each));
  const address = server.environment['METALWRIGHT_TS'] ?? '';
  return {
    variables,
    server,
    shown,
    address,
    [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
  };
}

/** A client of our own making; `text` is all that it was answered until the other side closed. */
async function connected(address: string): Promise<{ socket: Socket; text: Promise<string> }> {
  const socket = connect({ path: address, allowHalfOpen: true }).setEncoding('utf8');
  const text = new Promise<string>((resolve) => {
    let all = '';
    socket.on('data', (piece) => (all += piece.toString()));
    socket.on('error', () => {});
    socket.on('close', () => resolve(all));
    socket.on('end', () => socket.end());
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, text };
}

/** What a call of the command printed, and how it ended. */
async function call(address: string | undefined, words: string[], stdin = '') {
  const seen = { code: 0, out: '', err: '' };
  seen.code = await runTsCommand(words, {
    address,
    stdin: (async function* () {
      yield Buffer.from(stdin);
    })(),
    print: async (text) => void (seen.out += text),
    printError: async (text) => void (seen.err += text),
  });
  return seen;
}

describe('M11 the way of scripts to the variables', () => {
  it('is open to this account alone, and gone with the step', async () => {
    {
      await using open = await serve();
      expect((await stat(open.address)).mode & 0o777).toBe(0o600);
      expect((await stat(dirname(open.address))).mode & 0o777).toBe(0o700);
      expect(Buffer.byteLength(open.address)).toBeLessThan(100);
      const { PATH = '', PSModulePath = '' } = open.server.environment;
      expect(await readdir(PATH.split(':')[0] ?? '')).toEqual(['metalwright-ts']);
      expect(await readdir(join(PSModulePath.split(':')[0] ?? '', 'Metalwright'))).toHaveLength(2);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('goes on with the PATH that a script has set for its step', async () => {
    await using open = await serve();
    open.variables.set('PATH', '/own');
    expect(open.server.environment['PATH']).toMatch(/programs:\/own$/);
  });

  it('answers 200 clients at once, while others hang or talk nonsense', async () => {
    await using open = await serve();
    const hanging = await Promise.all(
      Array.from({ length: 20 }, async () => connected(open.address)),
    );
    for (const { socket } of hanging) socket.write('{"op":"get","na');
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) =>
        ask(open.address, { op: 'set', name: `V${n}`, value: `${n}`, secret: false }),
      ),
    );
    expect(answers.filter(({ kind }) => kind === 'done')).toHaveLength(200);
    expect(open.variables.value('v199')).toBe('199');
  });

  it('closes with the step to those who still hold on, and sets nothing after it', async () => {
    const open = await serve();
    const [hanging, late] = [await connected(open.address), await connected(open.address)];
    hanging.socket.write('{"op":"get"');
    const closing = open.server[Symbol.asyncDispose]();
    late.socket.write('{"op":"set","name":"Late","value":"x"}\n');
    await closing;
    expect(await Promise.all([hanging.text, late.text])).toEqual(['', '']);
    expect(open.variables.value('Late')).toBeUndefined();
  });

  it('answers many requests of one client in their order, also when it has closed its side', async () => {
    await using open = await serve();
    const { socket, text } = await connected(open.address);
    socket.end('{"op":"set","name":"A","value":"1"}\r\n\n{"op":"get","name":"a"}');
    const answers = (await text)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers).toMatchObject([{ kind: 'done' }, { code: 'ts.request' }, { value: '1' }]);
  });

  it('refuses a line that has no end', async () => {
    await using open = await serve();
    const { socket, text } = await connected(open.address);
    socket.write('x'.repeat(100_000));
    expect(JSON.parse(await text)).toMatchObject({ kind: 'error', code: 'ts.too-long' });
  });

  it('reads no further while a client does not take its answers', async () => {
    await using open = await serve();
    for (let n = 0; n < 40; n++) open.variables.set(`V${n}`, 'x'.repeat(4000));
    const { socket } = await connected(open.address);
    socket.pause();
    const request = '{"op":"list","values":true}\n';
    socket.write(request.repeat(10_000)); // 1.6 GB of answers, if they were made
    const before = process.memoryUsage().rss;
    for (let n = 0; n < 20; n++) await ask(open.address, { op: 'get', name: 'Owner' });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 ** 2);
    socket.destroy();
  });

  it('takes the next folder where nothing may be executed or the path is too long for a socket', async () => {
    const long = join(folder, 'x'.repeat(100));
    const file = join(folder, 'file');
    await writeFile(file, '');
    await using open = await serve({ places: [file, long, join(folder, 'good')] });
    expect(open.address).toContain('/good/');
    expect(await readdir(long)).toEqual([]);
  });

  it('fails the step with a reason where no folder will do', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(serve({ places: [file] })).rejects.toMatchObject({
      code: 'ts.server',
      hint: expect.stringContaining(file),
    });
  });
});

describe('M11 metalwright-ts', () => {
  it('gets, sets, lists, and says how it ended', async () => {
    await using open = await serve();
    const { address } = open;
    expect(await call(address, ['get', 'OWNER'])).toEqual({ code: 0, out: 'lab\n', err: '' });
    expect(await call(address, ['get', 'Password'])).toMatchObject({ out: 'correct-horse\n' });
    expect(await call(address, ['get', 'Nothing'])).toEqual({ code: 1, out: '', err: '' });
    expect(await call(address, ['set', 'New', 'a b'])).toEqual({ code: 0, out: '', err: '' });
    expect(await call(address, ['set', 'Pin', '--stdin', '--secret'], '12 34\r\n')).toMatchObject({
      code: 0,
    });
    expect(open.variables.get('Pin')).toEqual({ name: 'Pin', value: '12 34', secret: true });
    expect(await call(address, ['set', 'Lines', '--stdin'], 'a\r\nb\n\n')).toMatchObject({
      code: 0,
    });
    expect(open.variables.value('Lines')).toBe('a\r\nb\n');
    await call(address, ['set', 'Lines', '']);
    expect((await call(address, ['list'])).out).toBe('New\nOwner\nPassword\nPin\n');
    expect((await call(address, ['list', '--values'])).out).toBe(
      'New=a b\nOwner=lab\nPassword=********\nPin=********\n',
    );
    expect(JSON.parse((await call(address, ['list', '--json'])).out)).toContainEqual({
      name: 'Pin',
      secret: true,
    });
  });

  it('says on the standard error what cannot be done, and ends with 2', async () => {
    await using open = await serve();
    const readOnly = await call(open.address, ['set', '_SMSTSMake', 'x']);
    expect(readOnly).toMatchObject({ code: 2, out: '' });
    expect(readOnly.err).toMatch(/^metalwright-ts: variable\.invalid: .*read-only.*\nwhat to do: /);
    expect((await call(open.address, ['set', 'A', '--stdin'], 'x'.repeat(70_000))).err).toContain(
      'ts.too-long',
    );
    expect((await call(open.address, ['got'])).err).toContain('ts.usage');
    expect((await call(undefined, ['get', 'A'])).err).toContain('ts.not-running');
    expect(await call(join(folder, 'none'), ['get', 'A'])).toMatchObject({ code: 2, out: '' });
  });

  it('says so when the step ends before the answer', async () => {
    const open = await serve();
    const asked = call(open.address, ['get', 'Owner']);
    await open.server[Symbol.asyncDispose]();
    expect([0, 2]).toContain((await asked).code);
    expect(await call(open.address, ['get', 'Owner'])).toMatchObject({ code: 2 });
  });

  it('is found by a script in its PATH, started from the sources', async () => {
    await using open = await serve();
    const script =
      'metalwright-ts get owner && printf "%s" "$PASS" | metalwright-ts set New --stdin';
    const environment = {
      ...open.variables.environment(),
      ...open.server.environment,
      PASS: 'it\'s "x"',
    };
    const { stdout } = await promisify(execFile)('/bin/sh', ['-ec', script], { env: environment });
    expect(stdout).toBe('lab\n');
    expect(open.variables.value('New')).toBe('it\'s "x"');
  });
});

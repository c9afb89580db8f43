/**
 * Runs in Wine for `ts-com.interop.test.ts`: does what the agent does around a step that runs scripts, by the agent's
 * own parts. `node.exe host.cjs Z:\folder`: the libraries and `plan.json` are in that folder, what was seen
 * comes into `seen.json`.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { scriptObjects } from '../../platform/windows/com-registration.ts';
import { windowsTools } from '../../platform/windows/run-tool.ts';
import { scratchFolders } from '../../platform/windows/scratch.ts';
import { StepVariables } from '../../sequence/step-variables.ts';
import { Variables } from '../../sequence/variables.ts';
import type { Shown } from '../../ts-environment/messages.ts';
import { variableServer } from '../../ts-environment/serve-variables.ts';

const Plan = z.object({
  variables: z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() })),
  /** Commands, one after another; `reg.exe` among them looks at what is registered. */
  before: z.array(z.array(z.string())),
  during: z.array(z.array(z.string())),
  after: z.array(z.array(z.string())),
});

async function main(folder: string): Promise<void> {
  const { signal } = new AbortController();
  const plan = Plan.parse(JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')));
  const log: string[] = [];
  const runTool = windowsTools(437, undefined);
  const parts = {
    runTool,
    scratch: scratchFolders({ parent: 'C:\\scratch', hasAccounts: false, runTool }),
    log: (line: string) => log.push(line),
  };
  const libraries = [
    { view: '64' as const, bytes: await readFile(join(folder, 'metalwright-ts-x64.dll')) },
    { view: '32' as const, bytes: await readFile(join(folder, 'metalwright-ts-x86.dll')) },
  ];
  const variables = new StepVariables(
    plan.variables.reduce((all, each) => all.set(each), Variables.none),
  );
  const shown: Shown[] = [];
  const before = await runAll(plan.before, process.env);
  const objects = scriptObjects(parts, { folder: 'C:\\com', libraries });
  const serve = variableServer({
    places: ['C:\\state'],
    agent: [process.execPath],
    system: process.platform,
    environment: process.env,
    beforeScripts: async () => objects.register(signal),
  });
  const server = await serve(variables, (each) => shown.push(each));
  const during = await runAll(plan.during, { ...process.env, ...server.environment });
  await server[Symbol.asyncDispose]();
  await objects[Symbol.asyncDispose]();
  const after = await runAll(plan.after, process.env);
  const seen = { before, during, after, changes: variables.changes(), shown, log };
  await writeFile(join(folder, 'seen.json'), JSON.stringify(seen));
}

async function runAll(
  commands: readonly (readonly string[])[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const ends: string[] = [];
  for (const [program = '', ...words] of commands)
    ends.push(
      await new Promise((resolve) => {
        const options = { env, timeout: 60_000, encoding: 'utf8' } as const;
        const child = execFile(program, words, options, (error, stdout, stderr) =>
          resolve(`${String(child.exitCode ?? error?.message)}\n${stdout}${stderr}`),
        );
      }),
    );
  return ends;
}

void main(process.argv[2] ?? '');

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** What the bootstrap asks one after the other, while none answers. */
async function asked(server: string, servers: string, tries: number): Promise<string[]> {
  const script = `
    . ${join(import.meta.dirname, 'bootstrap.sh')}
    say() { :; }
    complain() { :; }
    set_clock() { :; }
    sleep() { [ "$bootstrap_try" -le ${tries} ] || exit 0; }
    hello() { echo "$METALWRIGHT_SERVER"; return 1; }
    METALWRIGHT_SERVER=${server}
    METALWRIGHT_SERVERS=${servers}
    bootstrap`;
  const { stdout } = await run('sh', ['-ec', script]);
  return stdout.trim().split('\n');
}

it('M57 asks the other servers of the site for the agent when one does not answer', async () => {
  expect(await asked('a:1', 'b:2,c:3', 4)).toEqual(['a:1', 'b:2', 'c:3', 'a:1']);
  expect(await asked('a:1', '', 2)).toEqual(['a:1', 'a:1']);
});

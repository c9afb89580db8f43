/**
 * Ending a command with everything it started. A process group is left by `setsid`, a parent by forking
 * twice: so the members are looked for in /proc by four marks, their parents, sessions and groups, and a
 * variable in the environment that each command is given and every child inherits. Only what drops all four
 * stays, which no program does by accident. (A cgroup would not need that, but is not there in every PE.)
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** Name of the variable that marks what a command started. */
export const COMMAND_MARK = 'METALWRIGHT_COMMAND';
const POLL_MS = 20;
/** A process in the middle of a device's I/O cannot be killed; it is not waited for for ever. */
const KILL_ROUNDS = 100;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly isMarked: boolean;
}

/** What a command started, its own process included. */
export interface ProcessTree {
  /** Sends SIGTERM, waits as long as told for them to end, and sends SIGKILL to those that did not. */
  end(politeMs: number): Promise<void>;
}

/** @param leader pid of the command, which leads its own session; @param mark value of `COMMAND_MARK` */
export function processTree(leader: number, mark: string): ProcessTree {
  // Sessions and groups keep the number of a leader that has ended, so what was found once stays a mark.
  const known = new Set([leader]);

  const members = async (): Promise<Process[]> => {
    const all = await running(mark);
    const found = new Set<Process>();
    for (let before = -1; before < found.size; ) {
      before = found.size;
      for (const each of all) {
        const { pid, parent, group, session, isMarked } = each;
        if (isMarked || [pid, parent, group, session].some((number) => known.has(number))) {
          found.add(each);
          known.add(pid);
        }
      }
    }
    return [...found];
  };
  const send = async (name: NodeJS.Signals): Promise<number> => {
    const found = await members();
    for (const { pid } of found) {
      try {
        process.kill(pid, name);
      } catch {
        // It has ended since.
      }
    }
    return found.length;
  };
  return {
    async end(politeMs) {
      const until = performance.now() + politeMs;
      for (let left = await send('SIGTERM'); left > 0 && performance.now() < until; ) {
        await wait(POLL_MS);
        left = (await members()).length;
      }
      for (let round = 0; round < KILL_ROUNDS && (await send('SIGKILL')) > 0; round += 1)
        await wait(POLL_MS);
    },
  };
}

/** All processes but the agent and those that have ended and are not waited for yet. */
async function running(mark: string): Promise<Process[]> {
  const marked = `${COMMAND_MARK}=${mark}`;
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name): Promise<Process | undefined> => {
      const stat = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '');
      // The name, in parentheses, may hold blanks and parentheses itself (proc(5)).
      const [state, parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (session === undefined || /^[ZX]$/.test(state ?? '') || Number(name) === process.pid)
        return undefined;
      const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
      return {
        pid: Number(name),
        parent: Number(parent),
        group: Number(group),
        session: Number(session),
        isMarked: `\0${environment}`.includes(`\0${marked}\0`),
      };
    }),
  );
  return found.filter((each) => each !== undefined);
}

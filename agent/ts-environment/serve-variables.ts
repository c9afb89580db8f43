import { randomUUID } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { ServeVariables } from '../driver/run-step.ts';
import { StepError } from '../sequence/step.ts';
import { RequestAnswerer } from './answer-request.ts';
import { launcherFor } from './launcher.ts';
import { linesOf } from './lines.ts';
import { MAX_REQUEST_BYTES, type TsAnswer } from './messages.ts';
import { makeScriptFolder } from './script-folder.ts';
import { searchPaths } from './search-paths.ts';

/** Scripts that ask at once, at most: each holds a file of the agent's open. */
const MAX_CONNECTIONS = 1000;
const TOO_LONG: TsAnswer = {
  kind: 'error',
  code: 'ts.too-long',
  message: `A request has at most ${MAX_REQUEST_BYTES} bytes`,
  hint: 'A variable holds 4,000 characters: keep larger data in a file.',
};

/** What the agent is, and what its commands get anyway. */
export interface ScriptSettings {
  /** Folders for the socket and the launcher, the best first. */
  readonly places: readonly string[];
  /** The agent's program and its arguments before `ts`. */
  readonly agent: readonly [string, ...string[]];
  readonly system: NodeJS.Platform;
  /** The agent's own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called before each opening; what it cannot do it says elsewhere. */
  readonly beforeScripts?: () => Promise<void>;
}

/**
 * Opens the variables of a step to the scripts that it runs: a Unix socket that only this account
 * reaches, or a named pipe. What was set stays, however the step ends; with the step all is closed, also
 * to those who still ask. @throws {StepError} `ts.server`
 */
export function variableServer(settings: ScriptSettings): ServeVariables {
  return async (variables, show) => {
    try {
      const { system, places, agent, environment } = settings;
      await settings.beforeScripts?.();
      const launcher = launcherFor(system, agent, environment['LD_LIBRARY_PATH']);
      const folder = await makeScriptFolder(places, launcher);
      const isWindows = system === 'win32';
      const address = isWindows ? `\\\\.\\pipe\\metalwright-ts-${randomUUID()}` : folder.socket;
      const connections = new Connections(new RequestAnswerer(variables, show));
      try {
        await connections.listen(address);
        if (!isWindows) await chmod(address, 0o600);
      } catch (error) {
        await folder[Symbol.asyncDispose]();
        throw error;
      }
      return {
        get environment() {
          return {
            METALWRIGHT_TS: address,
            ...searchPaths(folder, {
              system,
              inherited: environment,
              own: variables.environment(),
            }),
          };
        },
        async [Symbol.asyncDispose]() {
          await connections.close();
          await folder[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      throw new StepError(
        'ts.server',
        `Scripts could not reach the variables: ${error instanceof Error ? error.message : String(error)}`,
        { hint: `Is there room, and may programs be run, in ${settings.places.join(' or ')}?` },
      );
    }
  };
}

class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(answerer: RequestAnswerer) {
    // Half open: a client may close its side as soon as it has asked.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket);
      // Reading to the end must not close the side that still answers.
      const pieces = socket.iterator({ destroyOnReturn: false });
      // The next request is read when the answer was taken: one who never reads costs one answer.
      void pipeline(answers(pieces, answerer), socket)
        .catch(() => socket.destroy()) // it went away
        .finally(() => this.#sockets.delete(socket));
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  async listen(address: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(address, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    // No file left for one who asks: the script sees it, the step goes on.
    this.#server.on('error', () => {});
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function* answers(
  pieces: AsyncIterable<Uint8Array>,
  answerer: RequestAnswerer,
): AsyncGenerator<string> {
  for await (const line of linesOf(pieces, MAX_REQUEST_BYTES))
    yield `${JSON.stringify(line === undefined ? TOO_LONG : await answerer.answer(line))}\n`;
}

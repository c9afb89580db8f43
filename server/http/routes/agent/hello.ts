import { z } from 'zod';
import { HELLO_PATH } from '#agent/protocol/bootstrap.ts';
import { objectPath } from '#agent/protocol/content.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

const HelloQuery = z.object({
  arch: z.string().max(20).default('x64'),
  env: z.string().max(20).default('linux-pe'),
  /** Of an agent that has more than its program; it is named in the answer as `agent-part`. */
  part: z.string().max(20).optional(),
});

/** GET /bootstrap/v1/hello: the frozen protocol of boot images; errors are text for the screen. */
export function hello(app: HttpApp, { agentPackage, nowMs }: AgentServices): void {
  app.get(
    HELLO_PATH,
    { ...role('bootstrap'), schema: { querystring: HelloQuery } },
    async (request, reply) => {
      const { arch, env, part } = request.query;
      const agent = agentPackage({ architecture: arch, environment: env, part });
      void reply.type('text/plain; charset=utf-8');
      if (agent === undefined)
        return reply
          .status(404)
          .send(
            `This server has no ${part ?? 'agent'} for ${arch} in ${env}.\nOn the server, "metalwright doctor" tells what is missing.\n`,
          );
      return [
        `agent-sha256 ${agent.sha256}`,
        `agent-path ${objectPath(agent.sha256)}`,
        `agent-size ${agent.sizeBytes}`,
        `agent-compression ${agent.compression}`,
        ...(part === undefined ? [] : [`agent-part ${part}`]),
        `server-time-ms ${nowMs()}`,
        '',
      ].join('\n');
    },
  );
}

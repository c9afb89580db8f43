import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { describeDevice } from '../../../inventory/simulated-device.ts';
import type { SimulatedSource, SimulationQuestion } from '../../../simulate/messages.ts';
import { createSimulator } from '../../../simulate/run-simulation.ts';
import { SimulateSequence, SimulateText } from '../../api-simulate.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { sendJson } from '../send-json.ts';
import { closedSignal } from './closed-signal.ts';
import { notFound } from './not-found.ts';

const Params = z.object({ id: z.string().max(256) });
/** A text of 2 MiB, which JSON can double, and a description. */
const BODY_LIMIT = 6 * 1024 * 1024;

/** POST /sequences/:id/simulate and POST /simulate: what a run would do. Nothing is changed. */
export const simulateRoutes: RouteFile<OperatorServices> = (app, { store }) => {
  const simulator = createSimulator();

  app.post(
    '/api/v1/sequences/:id/simulate',
    { ...role('operator'), schema: { params: Params, body: SimulateSequence } },
    async (request, reply) => {
      const found = await store.sequences.find(request.params.id);
      if (found === null) {
        const names = (await store.sequences.list()).map(({ name }) => name);
        throw notFound(request.params.id, { what: 'task sequence', code: 'sequence', names });
      }
      const { id, name, documentJson } = found;
      return await answer(reply, { kind: 'stored', id, name, documentJson }, request.body);
    },
  );

  app.post(
    '/api/v1/simulate',
    { ...role('operator'), schema: { body: SimulateText }, bodyLimit: BODY_LIMIT },
    async (request, reply) => {
      const { text, ...wish } = request.body;
      return await answer(reply, { kind: 'text', text }, wish);
    },
  );

  async function answer(
    reply: FastifyReply,
    source: SimulatedSource,
    { device, variables, fail, answers }: z.output<typeof SimulateSequence>,
  ): Promise<FastifyReply> {
    const described = typeof device === 'string' ? await describe(device) : device;
    const job = { source, device: described, variables, fail, answers };
    return sendJson(reply, await simulator.simulate(job, look, closedSignal(reply)));
  }

  async function describe(wanted: string): Promise<unknown> {
    const device = await store.devices.find(wanted);
    if (device !== null) return describeDevice(device, await store.variables.ofRun(device));
    const names = (await store.devices.list()).map(({ name }) => name);
    throw notFound(wanted, { what: 'device', code: 'device', names });
  }

  async function look(question: SimulationQuestion): Promise<unknown> {
    switch (question.kind) {
      case 'packages':
        return await store.packages.outlines(question.references);
      case 'child': {
        const { features } = await store.settings.get();
        if (features.childSequences) return await store.sequences.child(question.reference);
        throw new HttpError(
          409,
          'feature.child-sequences',
          'It has a Run Task Sequence step, and child task sequences are switched off',
          { hint: 'Switch them on: metalwright feature enable child-sequences' },
        );
      }
    }
  }
};

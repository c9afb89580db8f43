/**
 * `scripts/run --lab`: deploys one virtual machine in a network of its own and tells what happens, ending
 * with the run's history. Exits 0 when the run succeeded.
 */
import { prepareImages } from './images.ts';
import { deleteLeftovers } from './leftovers.ts';
import { ARTIFACTS, runScenario } from './run-scenario.ts';
import { live } from './scenarios/live.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
await deleteLeftovers();
console.log('Building what the machine boots and its operating system; this is done once.');
const images = await prepareImages(true, stop.signal);
console.log(live.title);
const outcome = await runScenario(live, { images, keep: false, signal: stop.signal });
console.log(
  outcome.failure === null
    ? `Deployed in ${outcome.seconds.toFixed(0)} s, ${outcome.boots} boots. To deploy machines of your own: scripts/run --answer-on <interface>`
    : `It failed after ${outcome.seconds.toFixed(0)} s; its files are in ${ARTIFACTS}/${live.name}`,
);
process.exitCode = outcome.failure === null ? 0 : 1;

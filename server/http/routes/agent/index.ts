import type { RouteFile } from '../../server.ts';
import { objectRoutes } from '../objects.ts';
import { capturedImages } from './captured-images.ts';
import { content } from './content.ts';
import { events } from './events.ts';
import { hello } from './hello.ts';
import { log } from './log.ts';
import { mediaRuns } from './media-runs.ts';
import { policy } from './policy.ts';
import { progress } from './progress.ts';
import { recover } from './recover.ts';
import { register } from './register.ts';
import { runs } from './runs.ts';
import { secrets } from './secrets.ts';
import type { AgentServices } from './services.ts';

/** All routes of the agents' listener, in the order an agent meets them. */
export const agentRoutes: readonly RouteFile<AgentServices>[] = [
  hello,
  objectRoutes('bootstrap'),
  register,
  policy,
  runs,
  recover,
  mediaRuns,
  events,
  log,
  progress,
  content,
  secrets,
  capturedImages,
];

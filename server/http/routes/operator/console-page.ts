import { readFileSync } from 'node:fs';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';

const html = 'text/html; charset=utf-8';
const script = 'text/javascript; charset=utf-8';

/** Every file of the page, and where it is served. Nothing else of the folder is. */
const files = [
  { path: '/', file: 'index.html', type: html },
  { path: '/console/icon.svg', file: 'icon.svg', type: 'image/svg+xml' },
  { path: '/console/console.css', file: 'console.css', type: 'text/css; charset=utf-8' },
  { path: '/console/console.js', file: 'console.js', type: script },
  { path: '/console/api.js', file: 'api.js', type: script },
  { path: '/console/dom.js', file: 'dom.js', type: script },
  { path: '/console/format.js', file: 'format.js', type: script },
  { path: '/console/device-row.js', file: 'device-row.js', type: script },
  { path: '/console/conflicts.js', file: 'conflicts.js', type: script },
  { path: '/console/waiting.js', file: 'waiting.js', type: script },
  { path: '/console/standing-approvals.js', file: 'standing-approvals.js', type: script },
  { path: '/console/machines.js', file: 'machines.js', type: script },
  { path: '/console/runs.js', file: 'runs.js', type: script },
  { path: '/console/run-detail.js', file: 'run-detail.js', type: script },
  { path: '/console/netboot.js', file: 'netboot.js', type: script },
  { path: '/console/boot-images.js', file: 'boot-images.js', type: script },
  { path: '/console/packages.js', file: 'packages.js', type: script },
  { path: '/console/decisions.js', file: 'decisions.js', type: script },
] as const;

/** Of each page: only files of this server, no inline script or style, in no frame. */
export const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};

/** GET / and the page's files. The page holds nothing secret: what it shows comes from the API. */
export const consolePageRoutes: RouteFile<OperatorServices> = (app) => {
  for (const { path, file, type } of files) {
    const bytes = readFileSync(new URL(`../../../console/${file}`, import.meta.url));
    app.get(path, role('public-console'), async (_request, reply) =>
      reply.headers(pageHeaders).type(type).send(bytes),
    );
  }
};

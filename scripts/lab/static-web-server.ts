import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, readLog, startChild } from './child.ts';
import type { Lab } from './scenario.ts';
import { waitFor } from './wait.ts';

/** nginx with a folder, as an administrator would set one up for content: docs/content.md has this configuration. */
export interface StaticWebServer {
  /** What it hands out. */
  readonly folder: string;
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL: what it was sending breaks off. */
  kill(): Promise<void>;
  /** Answers so far, one line each: status, bytes of the body, range, path. */
  requests(): Promise<readonly { readonly status: number; readonly bytes: number }[]>;
}

/** @param options `bytesPerSecond` of each answer, so that something can be stopped in the middle of one */
export function buildStaticWebServer(
  lab: Lab,
  options: { readonly address: string; readonly port: number; readonly bytesPerSecond: number },
): StaticWebServer {
  const { address, port, bytesPerSecond } = options;
  const directory = join(lab.directory, 'nginx');
  const folder = join(directory, 'content-folder');
  const accessLog = join(directory, 'access.log');
  const configuration = `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events {}
http {
  log_format lab '$status $body_bytes_sent $http_range $uri';
  access_log ${accessLog} lab;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  server {
    listen ${address}:${port};
    root ${folder};
    limit_rate ${bytesPerSecond};
    # Objects by their hash and nothing else: no lists, no other files.
    location ~ "^/content/[0-9a-f][0-9a-f]/[0-9a-f]{64}$" {
      default_type application/octet-stream;
      gzip off;
      max_ranges 1;
      sendfile on;
      tcp_nopush on;
      add_header Cache-Control "public, max-age=31536000, immutable";
    }
    location / { return 404; }
  }
}
`;
  let running: Child | undefined;
  return {
    folder,
    url: `http://${address}:${port}`,
    async start() {
      await mkdir(folder, { recursive: true });
      const file = join(directory, 'nginx.conf');
      await writeFile(file, configuration);
      const child = await startChild(['nginx', '-p', directory, '-c', file], {
        logFile: join(directory, 'nginx.log'),
      });
      lab.use(child);
      running = child;
      await waitFor(
        'nginx listens',
        () => (existsSync(join(directory, 'nginx.pid')) && child.running() ? true : undefined),
        { timeoutMs: 10_000, signal: lab.signal, everyMs: 50, evidence: () => child.tail() },
      );
    },
    async kill() {
      running?.kill('SIGKILL');
      await running?.exited;
    },
    async requests() {
      return (await readLog(accessLog))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [status, bytes] = line.split(' ').map(Number);
          return { status: status ?? 0, bytes: bytes ?? 0 };
        });
    },
  };
}

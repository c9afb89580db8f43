import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where nginx listens, and with what. */
export interface NginxSettings {
  readonly directory: string;
  /** What it hands out, below `/content`. */
  readonly content: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Command line of nginx as Debian sets it up: a worker for each core, `sendfile on`; its files are in a folder. */
export async function nginx(settings: NginxSettings): Promise<[string, ...string[]]> {
  const { directory, content, port, tlsPort, certificateFile, keyFile } = settings;
  await mkdir(directory);
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/${name};`)
    .join('\n  ');
  const file = join(directory, 'nginx.conf');
  await writeFile(
    file,
    `daemon off;
user root;
worker_processes auto;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events { worker_connections 768; }
http {
  ${places}
  access_log ${directory}/access.log;
  sendfile on;
  tcp_nopush on;
  default_type application/octet-stream;
  ssl_certificate ${certificateFile};
  ssl_certificate_key ${keyFile};
  server {
    listen ${port};
    listen ${tlsPort} ssl;
    location /content { alias ${content}; }
  }
}
`,
  );
  return ['/usr/sbin/nginx', '-c', file, '-e', join(directory, 'start.log')];
}

import { connect } from 'node:tls';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';

/** An answer as bytes that a client of HTTP would not have sent for. */
export interface RawAnswer {
  /** 0 where the connection was closed without one. */
  readonly status: number;
  readonly text: string;
}

const WAIT_MS = 10_000;

/** Sends bytes over TLS as they are, and reads until the server closes or has answered. */
export async function sendRaw(
  server: { readonly url: string; readonly ca: string },
  bytes: string | Uint8Array,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(server.url);
  const socket = connect({
    host: hostname,
    port: Number(port),
    ca: server.ca,
    servername: SITE_SERVER_NAME,
  });
  const parts: Buffer[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => resolve(), WAIT_MS);
      socket.once('secureConnect', () => socket.write(bytes));
      socket.on('data', (part: Buffer) => {
        parts.push(part);
        clearTimeout(timer);
        setTimeout(resolve, 200); // what comes after a first answer counts as well
      });
      socket.once('close', () => resolve());
      socket.once('error', (error) => (parts.length > 0 ? resolve() : reject(error)));
    }).catch(() => undefined);
  } finally {
    socket.destroy();
  }
  const text = Buffer.concat(parts).toString('latin1');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}

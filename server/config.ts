import { z } from 'zod';
import { OidcConfig } from './oidc/oidc-config.ts';

const Listener = (port: number, what: string) =>
  z
    .strictObject({
      host: z.string().default('0.0.0.0').describe('Address to listen on.'),
      port: z
        .int()
        .min(0)
        .max(65535)
        .default(port)
        .describe('TCP port; 0 takes a free one. Changed, it has to be told to clients.'),
    })
    .prefault({})
    .describe(what);
const UdpPort = z.int().min(1).max(65535).optional();

/**
 * What the server needs to start. All other settings are in the store and are made while it runs
 * (`SiteSettings`). Each setting has a description, which the JSON Schema and `config show` tell; one that
 * holds a secret has `.meta({ secret: true })` and is shown nowhere. All else follows from this schema:
 * environment variables, lines in messages, documentation.
 */
export const Config = z.strictObject({
  dataDirectory: z
    .string()
    .min(1)
    .default('/var/lib/metalwright')
    .describe('Database, keys, content. Made when it is missing.'),
  bootImageDirectory: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Directory with the Linux PE boot image for x64; null: none is served.'),
  database: z
    .strictObject({
      url: z
        .string()
        .regex(/^postgres(ql)?:\/\//, 'begins with postgres://')
        .nullable()
        .default(null)
        .describe(
          'PostgreSQL, for a site with several servers: postgres://user@host/database; null: an SQLite file in dataDirectory.',
        )
        .meta({ secret: true }),
      passwordFile: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe('File with the password of database.url, which then need not have it.'),
    })
    .prefault({}),
  listeners: z
    .strictObject({
      boot: Listener(7480, 'Boot files and content, plain HTTP.'),
      agents: Listener(7443, 'Agents, TLS by the site CA.'),
      console: Listener(
        7400,
        'Console and API, TLS by the site CA, or by a certificate of your own.',
      ),
      consoleCertificate: z
        .strictObject({
          certificateFile: z
            .string()
            .min(1)
            .describe('PEM file with the certificate of the console and its chain.'),
          keyFile: z.string().min(1).describe('PEM file with its key.'),
        })
        .nullable()
        .default(null)
        .describe(
          'A certificate of your own for the console, read again when its files change; null: one of the site CA.',
        ),
    })
    .prefault({})
    .describe('Where the server listens.'),
  oidc: OidcConfig,
  netboot: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('False: no DHCP and TFTP at all, whatever the operator sets.'),
      ports: z
        .strictObject({ dhcp: UdpPort, proxy: UdpPort, tftp: UdpPort, dhcpClient: UdpPort })
        .prefault({})
        .describe('UDP ports other than the standard ones, for tests.'),
    })
    .prefault({})
    .describe('Network boot.'),
  webhooks: z
    .strictObject({
      deliver: z
        .boolean()
        .default(true)
        .describe('False: this server delivers none, another on the same database does.'),
      allowLocal: z
        .boolean()
        .default(false)
        .describe('Whether webhooks may go to addresses of this server itself and of its link.'),
    })
    .prefault({})
    .describe('Who is told of events.'),
  logLevel: z
    .enum(['error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('What is written to the log, on standard error.'),
});
export type Config = z.infer<typeof Config>;

import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type Server } from 'node:tls';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import { InventoryError } from '../inventory/error.ts';

/** Key and certificate chain, PEM. */
interface Pair {
  readonly key: string;
  readonly cert: string;
}

/** Files of the operator's own certificate. */
export interface CertificateFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** How often the files are looked at for a renewed certificate. */
const LOOK_MS = 30_000;

/** TLS of the console's listener. */
export interface ConsoleTls extends Pair {
  /** Shows the site's own certificate to the `metalwright` command, which trusts no other. */
  readonly SNICallback?: (
    name: string,
    done: (error: Error | null, context?: SecureContext) => void,
  ) => void;
  /** Looks at the files now. @returns whether the server shows another certificate from now on */
  reload(server: Pick<Server, 'setSecureContext'>): Promise<boolean>;
  /** Looks at the files again and again. @returns what stops it */
  watch(server: Pick<Server, 'setSecureContext'>, onError: (error: unknown) => void): () => void;
}

/**
 * The certificate of the console: the site's, or the operator's own, which is read again when its files
 * change. One that is broken is not taken: what was shown before is shown on.
 *
 * @throws {InventoryError} `console.certificate`
 */
export async function openConsoleTls(
  site: Pair,
  files: CertificateFiles | null,
): Promise<ConsoleTls> {
  if (files === null)
    return { ...site, reload: () => Promise.resolve(false), watch: () => () => {} };
  const siteContext = createSecureContext(site);
  let seen = await stampOf(files);
  const first = await readPair(files);
  let own = first.context;
  const tls: ConsoleTls = {
    ...first.pair,
    SNICallback: (name, done) => done(null, name === SITE_SERVER_NAME ? siteContext : own),
    async reload(server) {
      const now = await stampOf(files);
      if (now === seen) return false;
      const { pair, context } = await readPair(files);
      server.setSecureContext(pair);
      own = context;
      seen = now;
      return true;
    },
    watch(server, onError) {
      const timer = setInterval(() => void tls.reload(server).catch(onError), LOOK_MS);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
  return tls;
}

async function readPair(files: CertificateFiles) {
  try {
    const [cert, key] = await Promise.all([
      readFile(files.certificateFile, 'utf8'),
      readFile(files.keyFile, 'utf8'),
    ]);
    const pair = { key, cert };
    return { pair, context: createSecureContext(pair) };
  } catch (error) {
    throw unusable(files, error);
  }
}

async function stampOf({ certificateFile, keyFile }: CertificateFiles): Promise<string> {
  try {
    const both = await Promise.all([stat(certificateFile), stat(keyFile)]);
    return both.map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`).join(' ');
  } catch (error) {
    throw unusable({ certificateFile, keyFile }, error);
  }
}

function unusable({ certificateFile, keyFile }: CertificateFiles, error: unknown): InventoryError {
  const reason = error instanceof Error ? error.message : String(error);
  return new InventoryError(
    'console.certificate',
    `The certificate ${certificateFile} with the key ${keyFile} cannot be used: ${reason}`,
    { hint: 'Both are PEM, the chain with the own certificate first, and the key belongs to it.' },
  );
}

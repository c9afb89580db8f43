import { join } from 'node:path';
import { runCommand } from '../../lab/child.ts';
import { SERVER_ADDRESS } from '../../lab/namespace.ts';

/** Makes a certificate of its own for a peer at the server's address, with the kind of key that the site CA gives the server. */
export async function makeCertificate(directory: string) {
  const keyFile = join(directory, 'key.pem');
  const certificateFile = join(directory, 'certificate.pem');
  const request = 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2';
  const extensions = `-addext subjectAltName=IP:${SERVER_ADDRESS} -addext extendedKeyUsage=serverAuth`;
  const script = `${request} ${extensions} -subj /CN=bench -keyout "$0" -out "$1"`;
  await runCommand(['bash', '-c', script, keyFile, certificateFile]);
  return { keyFile, certificateFile };
}

/**
 * Calls of Windows that wait for a network, made by a second agent: it can be ended at a time-out, and the
 * agent goes on telling its server how it is. The request comes by standard input, as it holds passwords;
 * the answer is a line of JSON. `metalwright-agent windows-call`.
 */
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { openNetwork, type Win32Network } from './win32/network.ts';

const Account = z.object({ user: z.string(), password: z.string() });

/** What is to be called. */
export const NetworkCall = z.discriminatedUnion('call', [
  z.object({
    call: z.literal('connect'),
    path: z.string(),
    drive: z.string().nullable(),
    account: Account.nullable(),
  }),
  z.object({ call: z.literal('disconnect'), path: z.string() }),
  z.object({ call: z.literal('membership') }),
  z.object({
    call: z.literal('join-domain'),
    domain: z.string(),
    organizationalUnit: z.string().nullable(),
    account: Account,
    create: z.boolean(),
  }),
  z.object({ call: z.literal('leave-domain'), account: Account.nullable() }),
  z.object({ call: z.literal('join-workgroup'), workgroup: z.string() }),
  z.object({ call: z.literal('offline-join'), blob: z.base64(), windows: z.string() }),
]);
export type NetworkCall = z.infer<typeof NetworkCall>;

/** What came of it: the code of Windows, 0 for success. */
export const NetworkAnswer = z.object({
  code: z.int(),
  /** Of `connect`: what the drive leads to already. */
  share: z.string().optional(),
  membership: z
    .object({ kind: z.enum(['workgroup', 'domain']), name: z.string(), dnsName: z.string() })
    .optional(),
});
export type NetworkAnswer = z.infer<typeof NetworkAnswer>;

/** Reads the request, makes the call, prints the answer. */
export async function runNetworkCall(
  input: NodeJS.ReadableStream,
  print: (line: string) => Promise<void>,
): Promise<number> {
  const request = NetworkCall.parse(JSON.parse(await text(input)));
  await print(`${JSON.stringify(answer(request, openNetwork()))}\n`);
  return 0;
}

export function answer(request: NetworkCall, network: Win32Network): NetworkAnswer {
  switch (request.call) {
    case 'connect': {
      const { path, drive, account } = request;
      const user = account?.user ?? null;
      const code = network.connect({ path, drive, user, password: account?.password ?? null });
      const share = drive === null ? undefined : network.shareOf(drive);
      return { code, ...(share === undefined ? {} : { share }) };
    }
    case 'disconnect':
      return { code: network.disconnect(request.path) };
    case 'membership': {
      const found = network.information();
      return typeof found === 'number' ? { code: found } : { code: 0, membership: found };
    }
    case 'join-domain': {
      const { domain, organizationalUnit, account, create } = request;
      return { code: network.joinDomain({ domain, organizationalUnit, create, ...account }) };
    }
    case 'leave-domain':
      return { code: network.leaveDomain(request.account) };
    case 'join-workgroup':
      return { code: network.joinWorkgroup(request.workgroup) };
    case 'offline-join':
      break;
  }
  const { blob, windows } = request;
  return { code: network.requestOfflineJoin(Buffer.from(blob, 'base64'), windows) };
}

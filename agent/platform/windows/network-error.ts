import { StepError } from '../../sequence/step-error.ts';
import { toolExit } from './tools/exit-codes.ts';

/** Codes of joining, of lmerr.h and winerror.h, that say something else there than elsewhere. */
const JOIN: Readonly<Record<number, { readonly meaning: string; readonly hint?: string }>> = {
  2: {
    meaning: 'the organizational unit was not found',
    hint: 'It is written OU=Workstations,DC=corp,DC=example,DC=com.',
  },
  5: {
    meaning: 'the account may not join this computer',
    hint: 'It needs the right to make or to reset computer accounts where they are.',
  },
  50: { meaning: 'the domain does not support this request' },
  87: { meaning: 'the domain, organizational unit or account has a form that is not allowed' },
  1212: { meaning: 'this is no name of a domain' },
  1355: {
    meaning: 'the domain was not found, or no controller of it answers',
    hint: 'Windows finds it by DNS: is the DNS server of this machine that of the domain?',
  },
  1722: { meaning: 'the domain controller cannot be reached', hint: 'Look at firewall and DNS.' },
  2224: { meaning: 'there is an account of this computer already' },
  2691: { meaning: 'the computer is a member of a domain already' },
  2692: { meaning: 'the computer is a member of no domain' },
  2693: { meaning: 'the computer is a domain controller' },
  2695: { meaning: 'this is no name of a workgroup' },
  2697: { meaning: 'the domain has no account of this computer' },
  2698: { meaning: 'this edition of Windows joins no domain', hint: 'Home editions do not.' },
  2699: { meaning: 'the name or configuration of DNS is not right' },
  2732: {
    meaning: 'there is an account of this computer that this account may not take over',
    hint: 'Join with the account that made it, delete it, or let the domain policy trust its owner (KB5020276).',
  },
  8557: {
    meaning: 'the account has joined as many computers as it may',
    hint: 'Give it the right to make computer accounts in the organizational unit.',
  },
};
const LOGON = new Set([5, 65, 86, 1326, 1327, 1330, 1331, 1385, 1907, 1909]);
const PATH = new Set([2, 3, 51, 53, 64, 67, 71, 121, 1203, 1231, 1460]);
const DRIVE = new Set([85, 1202]);
/** May be over in a moment: the network has just come up. */
const PASSING = new Set([51, 53, 59, 64, 121, 1231]);

export function isPassing(code: number): boolean {
  return PASSING.has(code);
}

/** The error of a share that could not be connected. */
export function connectError(path: string, code: number): StepError {
  const { meaning, hint } = toolExit('net use', code);
  return new StepError(connectCode(code), `Cannot connect ${path}: error ${code}, ${meaning}`, {
    exitCode: hresult(code),
    ...(hint === undefined ? {} : { hint }),
  });
}

function connectCode(code: number): string {
  if (LOGON.has(code)) return 'network.logon';
  if (PATH.has(code)) return 'network.path';
  if (DRIVE.has(code)) return 'network.drive-in-use';
  return code === 1219 ? 'network.other-account' : 'network.connect';
}

/** The error of a membership that did not come about. @param what `join corp.example.com` */
export function joinError(what: string, code: number): StepError {
  const { meaning, hint } = JOIN[code] ?? toolExit('net use', code);
  return new StepError('network.join', `Cannot ${what}: error ${code}, ${meaning}`, {
    exitCode: hresult(code),
    hint: hint ?? 'C:\\Windows\\debug\\NetSetup.log has each step of it.',
  });
}

/** HRESULT_FROM_WIN32; codes of the network library (2100 and up) have the same form. */
function hresult(code: number): number {
  return code > 0 && code <= 0xffff ? (0x80070000 | code) >>> 0 : code >>> 0;
}

import { count } from '../parts/format.ts';

/** Words of network boot: whether it is answered, what stands in the way, what was asked. */
export const networkText = {
  title: 'Network boot',
  answering: 'answering',
  answeringNobody: 'answering nobody',
  on: (names: string) => `On ${names}.`,
  nowhere: 'No machine is answered until you say where.',
  unknown: {
    deploy: 'Unknown machines get what is deployed to All Unknown Computers.',
    ask: 'Unknown machines wait here until somebody approves them.',
    ignore: 'Unknown machines are not answered.',
  },
  start: (image: string) => `They start from ${image}.`,
  linuxPe: 'Linux PE',
  interfaces: (names: string) => `Interfaces: ${names}.`,
  noInterface: 'No interface has an IPv4 address yet.',
  toAnswer: 'To answer on one:',
  command: (name: string) => `metalwright netboot set --answer-on ${name}`,
  anInterface: '<interface>',
  missingImage: (name: string, architecture: string, detail: string) =>
    `Boot image ${name} (${architecture}) is missing: ${detail}`,
  badListener: (purpose: string, address: string, detail: string) =>
    `${purpose} on ${address} does not work: ${detail}`,
  otherServers: (number: number, list: string) =>
    `${count(number, 'other PXE server')} heard: ${list}. Machines may boot from it instead; stop it, or keep this server off that interface.`,
  details: 'Listeners, interfaces, boot images and other servers heard',
  listeners: {
    title: 'Listeners',
    none: 'none',
    line: (purpose: string, address: string, ok: boolean) =>
      `${purpose}: ${address}${ok ? '' : ' (failed)'}`,
  },
  interfaceList: {
    title: 'Interfaces',
    none: 'none with an IPv4 address',
    line: (name: string, address: string, netmask: string) =>
      `${name}: ${address}, netmask ${netmask}`,
  },
  images: {
    title: 'Boot images',
    none: 'none',
    line: (name: string, architecture: string, state: string) =>
      `${name} (${architecture}): ${state}`,
    ready: 'ready',
  },
  heard: {
    title: 'Other DHCP and PXE servers heard',
    none: 'none yet',
    line: (address: string, interfaceName: string, isPxe: boolean, when: string) =>
      `${address} on ${interfaceName}: ${isPxe ? 'PXE' : 'DHCP'}, ${when}`,
    at: (address: string, interfaceName: string) => `${address} on ${interfaceName}`,
  },
  decisions: {
    title: 'Boot requests',
    text: 'Each network boot that was heard, answered or not, with the reason.',
    empty: {
      title: 'No network boot has been heard',
      text: 'Requests show here, answered or not, once network boots are answered on an interface. If a machine starts and nothing shows, its requests do not reach this server: check cable, VLAN and the DHCP relay.',
    },
    signedBy: (signer: string) => `signed by ${signer}`,
    outcomes: { answered: 'answered', silent: 'silent' },
  },
} as const;

import { defineScenario } from '../scenario.ts';
import { deployOverProxy } from './uefi-proxy.ts';

/** The same path with Secure Boot enforced by the firmware, in PE and in the deployed OS. */
export const uefiSecureboot = defineScenario({
  name: 'uefi-secureboot',
  title: 'The same with Secure Boot on, from the network and then from the disk (NVMe).',
  kind: 'machine',
  estimateSeconds: 220,
  core: false,
  run: (lab) => deployOverProxy(lab, { secureBoot: true, bus: 'nvme' }),
});

import type { Scenario } from '../scenario.ts';
import { arm64Refused } from './arm64-refused.ts';
import { benchDhcp } from './bench-dhcp.ts';
import { bios } from './bios.ts';
import { biosUndionly } from './bios-undionly.ts';
import { cacheFirst } from './cache-first.ts';
import { captureDeploy } from './capture-deploy.ts';
import { cutSeeds } from './cut-seeds.ts';
import { deployNtfs } from './deploy-ntfs.ts';
import { dhcpOptions } from './dhcp-options.ts';
import { diskFaults } from './disk-faults.ts';
import { dpNginx } from './dp-nginx.ts';
import { dpShare } from './dp-share.ts';
import { hostileAgent } from './hostile-agent.ts';
import { imageFaults } from './image-faults.ts';
import { loopDeploy } from './loop-deploy.ts';
import { mediaBootable } from './media-bootable.ts';
import { mediaFolder } from './media-folder.ts';
import { mediaPrestaged } from './media-prestaged.ts';
import { mediaRefused } from './media-refused.ts';
import { mediaStandAlone } from './media-stand-alone.ts';
import { oddMachine } from './odd-machine.ts';
import { powerCut } from './power-cut.ts';
import { powerCutFirmware } from './power-cut-firmware.ts';
import { pxeFirst } from './pxe-first.ts';
import { relay } from './relay.ts';
import { scriptVariables } from './script-variables.ts';
import { secondRun } from './second-run.ts';
import { secretRelease } from './secret-release.ts';
import { serverBetween } from './server-between.ts';
import { serverKilled } from './server-killed.ts';
import { standAloneLoop } from './stand-alone-loop.ts';
import { twins } from './twins.ts';
import { twoNics } from './two-nics.ts';
import { twoServers } from './two-servers.ts';
import { uefiHttp } from './uefi-http.ts';
import { uefiProxy } from './uefi-proxy.ts';
import { uefiSecureboot } from './uefi-secureboot.ts';
import { unknownAsk } from './unknown-ask.ts';
import { windowsFromLinux } from './windows-from-linux.ts';
import { wineAgent } from './wine-agent.ts';
import { winpeChain } from './winpe-chain.ts';

/** Every scenario, in the order they run: first the quick ones. */
export const scenarios: readonly Scenario[] = [
  loopDeploy,
  captureDeploy,
  scriptVariables,
  secretRelease,
  deployNtfs,
  secondRun,
  twoNics,
  twoServers,
  diskFaults,
  imageFaults,
  hostileAgent,
  dpNginx,
  cacheFirst,
  powerCut,
  cutSeeds,
  arm64Refused,
  bios,
  biosUndionly,
  dhcpOptions,
  dpShare,
  uefiHttp,
  relay,
  benchDhcp,
  uefiProxy,
  unknownAsk,
  uefiSecureboot,
  winpeChain,
  serverBetween,
  serverKilled,
  pxeFirst,
  twins,
  oddMachine,
  wineAgent,
  powerCutFirmware,
  windowsFromLinux,
  mediaBootable,
  mediaFolder,
  mediaStandAlone,
  mediaPrestaged,
  mediaRefused,
  standAloneLoop,
];

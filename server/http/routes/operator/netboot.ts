import { z } from 'zod';
import { closest } from '#agent/sequence/closest.ts';
import type { SiteSettings } from '../../../store/settings.ts';
import { BootDecisionView, NetbootSettings } from '../../api.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { findBootImage } from './netboot-chains.ts';

/** What of the settings of the site is about network boots. */
export function netbootSettings(site: SiteSettings): NetbootSettings {
  const { answerOn, unknownMachines, bootImage, windowsSetupLostMinutes } = site;
  const { answerOnly, ignoreClients, responseDelaySeconds, pxeMenu } = site;
  return {
    answerOn,
    unknownMachines,
    bootImage,
    windowsSetupLostMinutes,
    answerOnly,
    ignoreClients,
    responseDelaySeconds,
    pxeMenu,
  };
}

/** GET and PUT /netboot; GET /boot-decisions. */
export const netbootRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, live } = services;

  app.get('/api/v1/netboot', role('operator'), async () => {
    return netbootSettings(await store.settings.get());
  });

  app.put(
    '/api/v1/netboot',
    { ...role('operator'), schema: { body: NetbootSettings } },
    async (request) => {
      const { bootImage: wanted, windowsSetupLostMinutes, ...rest } = request.body;
      const { answerOnly, ignoreClients, responseDelaySeconds, pxeMenu, ...basic } = rest;
      const wish = {
        ...basic,
        answerOn: [...new Set(basic.answerOn)],
        ...(answerOnly === undefined ? {} : { answerOnly }),
        ...(ignoreClients === undefined ? {} : { ignoreClients }),
        ...(responseDelaySeconds === undefined ? {} : { responseDelaySeconds }),
        ...(pxeMenu === undefined ? {} : { pxeMenu }),
        ...(windowsSetupLostMinutes === undefined ? {} : { windowsSetupLostMinutes }),
        ...(wanted === undefined ? {} : { bootImage: await findBootImage(store, wanted) }),
      };
      const before = await store.settings.get();
      for (const name of wish.answerOn) if (!before.answerOn.includes(name)) checkInterface(name);
      const detail = netbootSettings(await store.settings.change(wish));
      await recordChange(services, request, { action: 'netboot.set', detail, affects: 'boot' });
      return detail;
    },
  );

  app.get('/api/v1/boot-decisions', role('operator'), () =>
    z.array(BootDecisionView).parse(live.decisions()),
  );

  /** A name that is new must be there now: a mistyped one would be waited for in silence. */
  function checkInterface(name: string): void {
    const names = live.interfaces().map((each) => each.name);
    if (names.includes(name)) return;
    const near = closest(name, names)[0];
    const guess = near === undefined ? '' : `did you mean ${near}? `;
    throw new HttpError(
      404,
      'netboot.no-interface',
      `There is no interface ${JSON.stringify(name)} with an IPv4 address`,
      { hint: `${guess}there is ${names.length === 0 ? 'none but loopback' : names.join(', ')}` },
    );
  }
};

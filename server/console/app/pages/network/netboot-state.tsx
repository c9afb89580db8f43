import type { StatusView } from '../../../../http/api.ts';
import type { BootImageView } from '../../../../http/api-boot-images.ts';
import { useBootImages, useStatus } from '../../api/queries.ts';
import { Answer } from '../../parts/answer.tsx';
import { Command } from '../../parts/command.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Pill } from '../../parts/pill.tsx';
import { networkText as text } from '../../text/network.ts';
import { NetbootDetails } from './netboot-details.tsx';
import classes from './netboot-state.module.css';

/** Whether network boots are answered, what stands in the way, and what to do about it. */
export function NetbootState({ detailsOpen = false }: { readonly detailsOpen?: boolean }) {
  const status = useStatus();
  const images = useBootImages();
  return (
    <Panel title={text.title}>
      <Answer of={status}>
        {(now) => (
          <>
            <Sentence status={now} images={images.data ?? []} />
            <Problems status={now} />
            <details className={classes['details']} open={detailsOpen}>
              <summary>{text.details}</summary>
              <NetbootDetails status={now} />
            </details>
          </>
        )}
      </Answer>
    </Panel>
  );
}

function Sentence({
  status: { netboot },
  images,
}: {
  readonly status: StatusView;
  readonly images: readonly BootImageView[];
}) {
  const isAnswering = netboot.answerOn.length > 0;
  const where = isAnswering ? text.on(netboot.answerOn.join(', ')) : text.nowhere;
  const starts =
    netboot.unknownMachines === 'ignore' ? '' : ` ${text.start(startOfUnknown(netboot, images))}`;
  return (
    <p className={classes['sentence']}>
      <Pill tone={isAnswering ? 'good' : 'warn'}>
        {isAnswering ? text.answering : text.answeringNobody}
      </Pill>{' '}
      {where} {text.unknown[netboot.unknownMachines]}
      {starts}
    </p>
  );
}

function Problems({ status }: { readonly status: StatusView }) {
  const { interfaces, netboot, bootImages, listeners, heardServers } = status;
  const names = interfaces.map((each) => `${each.name} (${each.address})`).join(', ');
  const pxe = heardServers.filter((each) => each.pxe);
  return (
    <>
      {netboot.answerOn.length === 0 && (
        <Notice tone="warn">
          {names === '' ? text.noInterface : text.interfaces(names)} {text.toAnswer}
          <Command>{text.command(interfaces[0]?.name ?? text.anInterface)}</Command>
        </Notice>
      )}
      {bootImages
        .filter((each) => !each.ready)
        .map((each) => (
          <Notice key={`${each.name} ${each.architecture}`} tone="bad">
            {text.missingImage(each.name, each.architecture, each.detail)}
          </Notice>
        ))}
      {listeners
        .filter((each) => !each.ok)
        .map((each) => (
          <Notice key={`${each.purpose} ${each.address}`} tone="bad">
            {text.badListener(each.purpose, each.address, each.detail)}
          </Notice>
        ))}
      {pxe.length > 0 && (
        <Notice tone="warn">
          {text.otherServers(
            pxe.length,
            pxe.map((each) => text.heard.at(each.address, each.interfaceName)).join(', '),
          )}
        </Notice>
      )}
    </>
  );
}

/** What unknown machines start; one that is set and cannot be read is told by its id. */
function startOfUnknown(
  { bootImage }: StatusView['netboot'],
  images: readonly BootImageView[],
): string {
  const set = images.find(({ setFor }) =>
    setFor.some(({ scope }) => scope === 'all' || scope === 'unknown'),
  );
  if (set !== undefined) return set.name;
  // One that can be read and is not told goes behind the Linux PE that is set for all machines.
  const isRead = images.some(({ id }) => id === bootImage);
  return bootImage === null || bootImage === undefined || isRead ? text.linuxPe : bootImage;
}

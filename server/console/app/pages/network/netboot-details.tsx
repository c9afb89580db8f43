import type { StatusView } from '../../../../http/api.ts';
import { ago } from '../../parts/format.ts';
import { useNow } from '../../parts/now.ts';
import { networkText as text } from '../../text/network.ts';
import classes from './netboot-state.module.css';

/** Listeners, interfaces, boot images and other servers, each in a line. */
export function NetbootDetails({ status }: { readonly status: StatusView }) {
  const now = useNow();
  const groups = [
    {
      ...text.listeners,
      lines: status.listeners.map((one) => text.listeners.line(one.purpose, one.address, one.ok)),
    },
    {
      ...text.interfaceList,
      lines: status.interfaces.map((one) =>
        text.interfaceList.line(one.name, one.address, one.netmask),
      ),
    },
    {
      ...text.images,
      lines: status.bootImages.map((one) =>
        text.images.line(one.name, one.architecture, one.ready ? text.images.ready : one.detail),
      ),
    },
    {
      ...text.heard,
      lines: status.heardServers.map((one) =>
        text.heard.line(one.address, one.interfaceName, one.pxe, ago(one.lastHeardMs, now)),
      ),
    },
  ];
  return (
    <div className={classes['facts']}>
      {groups.map(({ title, none, lines }) => (
        <div key={title}>
          <h3>{title}</h3>
          <ul>
            {(lines.length === 0 ? [none] : lines).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

import type { BootImageView } from '../../../../http/api-boot-images.ts';
import { call } from '../../api/call.ts';
import { useBootImages, useRefresh } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { Answer } from '../../parts/answer.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { bytes } from '../../parts/format.ts';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Lines, Name, Quiet, Row, RowActions, RowState, Rows } from '../../parts/rows.tsx';
import { announce } from '../../shell/notify.tsx';
import { bootImagesText as text } from '../../text/boot-images.ts';

/** Boot images of Windows PE: what they are, what is in them, which agent. */
export function BootImagesPage() {
  const images = useBootImages();
  return (
    <>
      <PageTitle title={text.title} text={text.text} />
      <Answer of={images}>
        {(all) => (
          <Panel title={text.list} count={all.length}>
            {all.length === 0 ? (
              <EmptyState {...text.empty} />
            ) : (
              <Rows label={text.list}>
                {[...all]
                  .sort((one, other) => one.name.localeCompare(other.name))
                  .map((image) => (
                    <BootImage key={image.id} image={image} />
                  ))}
              </Rows>
            )}
          </Panel>
        )}
      </Answer>
    </>
  );
}

function BootImage({ image }: { readonly image: BootImageView }) {
  const may = useMay();
  const refresh = useRefresh();
  const { facts, outdated } = image;
  return (
    <Row>
      <RowState tone={outdated ? 'warn' : 'good'} word={outdated ? text.otherAgent : text.ready} />
      <Lines>
        <Name>{image.name}</Name>
        <Quiet>{text.version(image.id, image.version, bytes(image.sizeBytes))}</Quiet>
        <Quiet>{wordsOfUse(image.setFor)}</Quiet>
      </Lines>
      <Lines>
        <span>{text.system(facts.version, facts.architecture, facts.languages.join(' '))}</span>
        <Quiet>{text.starts(startsOf(facts))}</Quiet>
      </Lines>
      <Lines>
        <span>{facts.components.join(', ') || text.noComponents}</span>
        <Quiet>
          {facts.drivers.length === 0 ? text.noDrivers : text.drivers(facts.drivers.join(', '))}
        </Quiet>
        <Quiet>{text.agent(facts.agentVersion, outdated)}</Quiet>
      </Lines>
      {outdated && may('POST /boot-images/:id/rebuild') && (
        <RowActions>
          <ActButton
            label={text.rebuildOf(image.name)}
            act={async () => {
              const made = await call<BootImageView>(
                'POST',
                `/boot-images/${image.id}/rebuild`,
                {},
              );
              announce(text.rebuilt(made.name, made.version));
              await refresh('/boot-images');
            }}
          >
            {text.rebuild}
          </ActButton>
        </RowActions>
      )}
    </Row>
  );
}

/** `set for unknown machines, the model Acme Box`. */
function wordsOfUse(setFor: BootImageView['setFor']): string {
  return setFor.length === 0
    ? text.setForNone
    : text.setFor(setFor.map(({ scope, label }) => text.scopes[scope] + label).join(', '));
}

/** `UEFI (signed by 2011, 2023) and BIOS`. */
function startsOf({ efiBootManagers, bios }: BootImageView['facts']): string {
  const signers = Object.keys(efiBootManagers);
  return [signers.length > 0 ? text.uefi(signers.join(', ')) : '', bios === null ? '' : text.bios]
    .filter(Boolean)
    .join(text.and);
}

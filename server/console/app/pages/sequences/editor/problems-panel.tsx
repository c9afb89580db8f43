import { Button } from '@mantine/core';
import { Quiet } from '../../../parts/rows.tsx';
import { editorText } from '../../../text/sequences.ts';
import { removeNodes } from '../model/moves.ts';
import type { PlacedProblem } from '../model/problems.ts';
import { type Fields, isFields, type NodePlace, nameOf, withField } from '../model/tree.ts';
import classes from './editor.module.css';
import { useForm } from './form-context.ts';
import type { CheckState } from './use-check.ts';
import { chosen, type Editor } from './use-editor.ts';

const text = editorText.problems;

/** Everything that is wrong, each with what can be done about it (M15). */
export function ProblemsPanel({
  editor,
  check,
  onShow,
}: {
  readonly editor: Editor;
  readonly check: CheckState;
  readonly onShow: (ofSequence: boolean) => void;
}) {
  if (check.problems === null) return <Quiet>{text.unknown}</Quiet>;
  return (
    <>
      <div role="status">
        {check.isChecking && <Quiet>{text.checking}</Quiet>}
        {!check.isChecking && check.problems.length === 0 && <Quiet>{text.none}</Quiet>}
      </div>
      <ul className={classes['problems']} aria-label={editorText.tabs.problems}>
        {check.problems.map((problem) => (
          <ProblemLine
            key={`${problem.node} ${problem.field} ${problem.message}`}
            problem={problem}
            place={editor.places.find(({ path }) => path === problem.node)}
            editor={editor}
            onShow={onShow}
          />
        ))}
      </ul>
    </>
  );
}

function ProblemLine({
  problem,
  place,
  editor,
  onShow,
}: {
  readonly problem: PlacedProblem;
  readonly place: NodePlace | undefined;
  readonly editor: Editor;
  readonly onShow: (ofSequence: boolean) => void;
}) {
  const { canEdit } = useForm();
  const name = place === undefined ? text.ofSequence : nameOf(place.node);
  const button = { size: 'compact-sm', variant: 'default' } as const;
  const id = place?.node.id;
  return (
    <li className={classes['problem']} data-warning={problem.isWarning}>
      <p>
        <strong>{name}</strong>: {problem.message}
        {problem.hint === undefined ? '' : `. ${problem.hint}`}
      </p>
      <div className={classes['actions']}>
        <Button
          {...button}
          aria-label={text.show(name)}
          onClick={() => {
            if (id !== undefined) editor.choose(chosen(id));
            onShow(id === undefined);
          }}
        >
          {text.show(name)}
        </Button>
        {canEdit && id !== undefined && (
          <>
            {problem.candidates.slice(0, 3).map((candidate) => (
              <Button
                {...button}
                key={candidate}
                onClick={() =>
                  editor.change(id, (node) => ({
                    ...node,
                    fields: withReference(node.fields, problem.field, candidate),
                  }))
                }
              >
                {text.use(candidate)}
              </Button>
            ))}
            <Button
              {...button}
              onClick={() =>
                editor.change(id, (node) => ({
                  ...node,
                  fields: withField(node.fields, 'disabled', true),
                }))
              }
            >
              {text.disable(name)}
            </Button>
            <Button
              {...button}
              onClick={() => editor.edit(removeNodes(editor.sequence, new Set([id])))}
            >
              {text.remove(name)}
            </Button>
          </>
        )}
      </div>
    </li>
  );
}

/** The settings with a reference at `params.image` that has another name. */
function withReference(fields: Fields, field: string, name: string): Fields {
  const put = (value: unknown, keys: readonly string[]): unknown => {
    const [key, ...inner] = keys;
    if (key === undefined) return { name };
    if (Array.isArray(value)) return value.with(Number(key), put(value[Number(key)], inner));
    return {
      ...(isFields(value) ? value : {}),
      [key]: put(isFields(value) ? value[key] : {}, inner),
    };
  };
  const keys = field.split(/[.[\]]+/).filter((key) => key !== '' && key !== 'name' && key !== 'id');
  const changed = put(fields, keys);
  return isFields(changed) ? changed : fields;
}

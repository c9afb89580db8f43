import {
  BinaryOperationNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  OperatorNode,
  PrimitiveValueListNode,
  type QueryId,
  type RootOperationNode,
  ValueListNode,
  ValueNode,
} from 'kysely';

/**
 * `in ()`, which SQLite takes for false and PostgreSQL for a mistake, as false, and `not in ()` as true. A
 * statement is made anew only where it has one: to do so takes longer than to make its text.
 */
export function emptyLists(): KyselyPlugin {
  const transformer = new EmptyLists();
  return {
    transformQuery: ({ node, queryId }) =>
      hasEmptyList(node) ? transformer.transformNode(node, queryId) : node,
    transformResult: async ({ result }) => result,
  };
}

/** The library's own leaves out what is within a query that something is compared with. */
class EmptyLists extends OperationNodeTransformer {
  protected override transformBinaryOperation(node: BinaryOperationNode, queryId?: QueryId) {
    const { operator, rightOperand } = node;
    const isList = PrimitiveValueListNode.is(rightOperand) || ValueListNode.is(rightOperand);
    const isEmptyList = isList && rightOperand.values.length === 0;
    if (isEmptyList && OperatorNode.is(operator)) {
      if (operator.operator === 'in') return always(false);
      if (operator.operator === 'not in') return always(true);
    }
    return super.transformBinaryOperation(node, queryId);
  }
}

/** `1 = 1` or `1 = 0`. */
function always(truth: boolean): BinaryOperationNode {
  const [one, other] = [ValueNode.createImmediate(1), ValueNode.createImmediate(truth ? 1 : 0)];
  return BinaryOperationNode.create(one, OperatorNode.create('='), other);
}

/** Rows that are inserted are many, and lists of none of them are compared with anything. */
function hasEmptyList(node: RootOperationNode): boolean {
  if (node.kind === 'InsertQueryNode' && node.values?.kind === 'ValuesNode') return false;
  return isOrHasEmptyList(node);
}

function isOrHasEmptyList(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  if (Array.isArray(part)) return part.some(isOrHasEmptyList);
  const { kind, values }: { kind?: unknown; values?: unknown } = part;
  // Leaves: their values are parameters, bytes among them.
  if (kind === 'ValueNode') return false;
  if (kind === 'PrimitiveValueListNode') return isEmpty(values);
  if (kind === 'ValueListNode' && isEmpty(values)) return true;
  return Object.values(part).some(isOrHasEmptyList);
}

function isEmpty(values: unknown): boolean {
  return Array.isArray(values) && values.length === 0;
}

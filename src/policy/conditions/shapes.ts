import type { BodyType } from '../../docker/body/types.ts';
import { FACTS_SHAPE } from '../../docker/facts/shape.ts';
import type { QueryParameter, QueryType } from '../../docker/types.ts';

/** What stands at one place of what a condition may speak about. The shapes of facts are of this form. */
export type Shape =
  | { readonly kind: 'string'; readonly values?: readonly string[] }
  | { readonly kind: 'boolean' | 'bigint' | 'number' | 'any' | 'secret' | 'encoded' }
  | { readonly kind: 'array' | 'map'; readonly of: Shape }
  | ObjectShape;

export interface ObjectShape {
  readonly kind: 'object';
  readonly fields: Readonly<Record<string, Shape>>;
}

/** An operation as far as conditions can speak about what it is asked with. */
export interface AskedOperation {
  readonly id: string;
  readonly query?: readonly QueryParameter[];
}

export type Bodies = Readonly<Record<string, BodyType>>;

const TEXT: Shape = { kind: 'string' };
const TEXTS: Shape = { kind: 'array', of: TEXT };

const PRINCIPAL: Shape = {
  kind: 'object',
  fields: {
    name: TEXT,
    tenant: TEXT,
    roles: TEXTS,
    method: { kind: 'string', values: ['certificate', 'jwt', 'both', 'listener'] },
  },
};

/** What each name under `r` is; those of `body` and `query` one for each operation that has it. */
export function rootShapes(
  operations: readonly AskedOperation[],
  bodies: Bodies,
): Readonly<Record<string, readonly { readonly of?: string; readonly shape: Shape }[]>> {
  return {
    principal: [{ shape: PRINCIPAL }],
    operation: [{ shape: { kind: 'string', values: operations.map(({ id }) => id) } }],
    resource: [{ shape: TEXT }],
    version: [{ shape: { kind: 'number' } }],
    query: operations.map(({ id, query = [] }) => ({ of: id, shape: queryShape(query) })),
    body: operations.flatMap(({ id }) => {
      const type = Object.hasOwn(bodies, id) ? bodies[id] : undefined;
      return type === undefined ? [] : [{ of: id, shape: bodyShape(type) }];
    }),
    facts: [{ shape: FACTS_SHAPE }],
  };
}

const QUERY: Readonly<Record<QueryType, Shape | undefined>> = {
  text: TEXT,
  list: TEXTS,
  bool: { kind: 'boolean' },
  'bool-on': { kind: 'boolean' },
  'strict-bool': { kind: 'boolean' },
  int: { kind: 'bigint' },
  // Build arguments may be secrets, and a text is no way to judge an object.
  json: { kind: 'encoded' },
  struct: { kind: 'encoded' },
  structs: { kind: 'encoded' },
  filters: { kind: 'map', of: TEXTS },
  ignored: undefined,
};

function queryShape(parameters: readonly QueryParameter[]): ObjectShape {
  const fields = parameters.flatMap(({ name, type }) => {
    const shape = QUERY[type];
    return shape === undefined ? [] : [[name, shape] as const];
  });
  return { kind: 'object', fields: Object.fromEntries(fields) };
}

const BODY_SHAPES = new WeakMap<BodyType, Shape>();

function bodyShape(type: BodyType): Shape {
  const known = BODY_SHAPES.get(type);
  if (known !== undefined) return known;
  const shape = makeBodyShape(type);
  BODY_SHAPES.set(type, shape);
  return shape;
}

function makeBodyShape(type: BodyType): Shape {
  switch (type.kind) {
    case 'string':
      return TEXT;
    case 'bool':
      return { kind: 'boolean' };
    case 'int':
      return { kind: 'bigint' };
    case 'float':
      return { kind: 'number' };
    case 'strings':
      return TEXTS;
    case 'array':
    case 'map':
      return { kind: type.kind, of: bodyShape(type.of) };
    case 'struct': {
      const fields = Object.entries(type.fields).flatMap(([name, { type: inner, secret }]) =>
        inner.kind === 'ignored'
          ? []
          : [[name, secret ? { kind: 'secret' as const } : bodyShape(inner)] as const],
      );
      return { kind: 'object', fields: Object.fromEntries(fields) };
    }
    default:
      return { kind: 'any' };
  }
}

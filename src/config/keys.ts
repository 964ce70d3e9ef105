import type { z } from 'zod';

/** One key of the configuration file. */
export interface ConfigKey {
  /** `identity.jwt.issuers[].keys.url`: `[]` stands for each element, `NAME` for each name. */
  readonly path: string;
  readonly kind: 'section' | 'list' | 'map' | 'text' | 'number' | 'boolean' | 'choice';
  readonly required: boolean;
  /** As the schema has it; undefined without one. */
  readonly fallback: unknown;
  /** The words of a choice. */
  readonly choices: readonly string[];
  readonly description: string | undefined;
}

/** The parts of zod's own definition of a schema that matter here (`_zod.def`, zod 4). */
interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly element?: Schema;
  readonly valueType?: Schema;
  readonly options?: readonly Schema[];
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
  readonly defaultValue?: unknown;
}

type Schema = z.core.$ZodType & { readonly description?: string | undefined };

/**
 * Every key of a schema, sections included, in the schema's order; the alternatives of a union one by one. What several of
 * them have stands once, with the words of all of them.
 */
export function configKeys(schema: Schema, path = ''): ConfigKey[] {
  const keys = new Map<string, ConfigKey>();
  for (const shape of shapesOf(schema)) {
    for (const [name, child] of Object.entries(shape)) {
      for (const key of keysOf(child, path === '' ? name : `${path}.${name}`)) {
        const known = keys.get(key.path);
        keys.set(key.path, {
          ...(known ?? key),
          choices: [...new Set([...(known?.choices ?? []), ...key.choices])],
        });
      }
    }
  }
  return [...keys.values()];
}

function keysOf(schema: Schema, path: string): ConfigKey[] {
  const { core, required, fallback, description } = unwrap(schema);
  const def = definition(core);
  const key = (kind: ConfigKey['kind']): ConfigKey => ({
    path,
    kind,
    required,
    fallback,
    choices: [...Object.values(def.entries ?? {}), ...(def.values ?? []).map(String)],
    description,
  });
  switch (def.type) {
    case 'object':
    case 'union':
      return [key('section'), ...configKeys(core, path)];
    case 'array':
      return [key('list'), ...configKeys(unwrap(def.element ?? core).core, `${path}[]`)];
    case 'number':
      return [key('number')];
    case 'boolean':
      return [key('boolean')];
    case 'enum':
    case 'literal':
      return [key('choice')];
    case 'record':
      // Of what is the user's to name, the keys below it.
      return [key('map'), ...configKeys(unwrap(def.valueType ?? core).core, `${path}.NAME`)];
    default:
      return [key('text')];
  }
}

function shapesOf(schema: Schema): readonly Readonly<Record<string, Schema>>[] {
  const def = definition(schema);
  if (def.shape !== undefined) return [def.shape];
  return (def.options ?? []).flatMap((option) => shapesOf(option));
}

function unwrap(schema: Schema): Pick<ConfigKey, 'required' | 'fallback' | 'description'> & { core: Schema } {
  let core = schema;
  let required = true;
  let fallback: unknown;
  let description = schema.description;
  for (let def = definition(core); def.innerType !== undefined; def = definition(core)) {
    required = false;
    if (def.type === 'default') fallback ??= def.defaultValue;
    core = def.innerType;
    description ??= core.description;
  }
  return { core, required, fallback, description };
}

function definition(schema: Schema): Definition {
  return schema._zod.def as Definition;
}

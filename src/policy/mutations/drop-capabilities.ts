import { hostConfigOf, type Mutation, withHostConfig } from './mutation.ts';

/** Drops capabilities that the request neither adds nor drops. @param names without `CAP_`, in capitals, or `ALL` */
export function dropCapabilities(names: readonly string[]): Mutation {
  return ({ api, content, facts }) => {
    if (api.operation.id !== 'ContainerCreate' || content === undefined) return undefined;
    const spoken = new Set([
      ...facts.capabilities.added.map(({ name }) => name),
      ...facts.capabilities.dropped,
    ]);
    const missing = spoken.has('ALL') ? [] : names.filter((name) => !spoken.has(name));
    if (missing.length === 0) return undefined;
    const dropped = (hostConfigOf(content, 'CapDrop') as readonly string[] | undefined) ?? [];
    return {
      content: withHostConfig(content, { CapDrop: [...dropped, ...missing] }),
      change: `the ${missing.length === 1 ? 'capability' : 'capabilities'} ${missing.join(', ')} ${missing.length === 1 ? 'was' : 'were'} dropped`,
    };
  };
}

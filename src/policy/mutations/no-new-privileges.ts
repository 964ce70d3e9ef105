import { hostConfigOf, type Mutation, withHostConfig } from './mutation.ts';

/** Adds the security option where the request does not speak about it. */
export const noNewPrivileges: Mutation = ({ api, content, facts }) => {
  if (api.operation.id !== 'ContainerCreate' || content === undefined) return undefined;
  if (facts.security.noNewPrivileges !== undefined) return undefined;
  const options = (hostConfigOf(content, 'SecurityOpt') as readonly string[] | undefined) ?? [];
  return {
    content: withHostConfig(content, { SecurityOpt: [...options, 'no-new-privileges'] }),
    change: 'no-new-privileges was added',
  };
};

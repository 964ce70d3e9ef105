/** A link to a container by its id: `<id>:<alias>`. */
const BY_ID = /^([0-9a-f]{12})[0-9a-f]{52}(?=:)/;

type Json = Readonly<Record<string, unknown>>;

/**
 * The settings of an endpoint with links that the network's DNS resolves: it has the first twelve digits of an id, as
 * every container has them for an alias there, and not all of them.
 */
export function withLinksInDns(settings: Json): Json {
  const { Links: links } = settings;
  if (!Array.isArray(links)) return settings;
  return { ...settings, Links: links.map((link) => String(link).replace(BY_ID, '$1')) };
}

/**
 * Takes out of an Engine's error text what it tells of objects that are not the reader's: ids, names of endpoints, of
 * services and of containers that hold what was asked for.
 */

/** What stands for an id or a name that is not shown. */
const HIDDEN = '[hidden]';

/**
 * moby, daemon/names.go: the name is the client's own word, the id is of whoever has it. What the client needs is
 * another name, whosever the container is.
 */
const NAME_CONFLICT =
  /(Conflict\. The container name "[^"]*" is already in use) by container "?([0-9a-f]+)"?\. You have to remove \(or rename\) that container to be able to reuse that name\./g;

/** libnetwork, ActiveEndpointsError since Engine 28: `name:"web" id:"1234"`; ids of endpoints are nobody's. */
const ENDPOINT = /name:"([^"]*)" id:"([^"]*)"/g;

/** swarmkit, controlapi: which services use a secret or a config, at the end of the text. */
const SERVICES = /(in use by the following services?: )([^\n]+)/g;

/** moby, daemon/network.go: what the proxy of a port could not do is said of an endpoint by its container's name. */
const ON_ENDPOINT = /( on endpoint )(\S+) \(([0-9a-f]+)\)/g;

/** Hexadecimal ids, short ones too, which are 12 digits; and swarm's, 25 of base 36 with a digit among them. */
export const ID = /(?<![0-9A-Za-z])(?:[0-9a-f]{12,}|(?=[a-z]*[0-9])[0-9a-z]{25})(?![0-9A-Za-z])/g;

/**
 * @param message what the Engine answered an error with
 * @param own whether an id, the beginning of one or a name is of an object that the reader may inspect
 */
export async function scrub(message: string, own: (token: string) => Promise<boolean>): Promise<string> {
  const shown = async (token: string) => ((await own(token)) ? token : HIDDEN);
  const conflicts = await replaceAll(message, NAME_CONFLICT, async ([whole, conflict = '', id = '']) =>
    (await own(id)) ? whole : `${conflict}. You have to choose another name.`,
  );
  const endpoints = await replaceAll(conflicts, ENDPOINT, async ([whole, name = '']) =>
    (await own(name)) ? whole : `name:"${HIDDEN}" id:"${HIDDEN}"`,
  );
  const ports = await replaceAll(endpoints, ON_ENDPOINT, async ([whole, on = '', name = '']) =>
    (await own(name)) ? whole : `${on}${HIDDEN}`,
  );
  const services = await replaceAll(ports, SERVICES, async ([, users = '', names = '']) => {
    const parts = await Promise.all(
      names.split(/(, ?)/).map((part, at) => (at % 2 === 0 ? shown(part) : part)),
    );
    return users + parts.join('');
  });
  return replaceAll(services, ID, async ([id]) => shown(id));
}

async function replaceAll(
  text: string,
  pattern: RegExp,
  replacement: (match: RegExpExecArray) => Promise<string>,
): Promise<string> {
  const pieces: string[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    pieces.push(text.slice(end, match.index), await replacement(match));
    end = match.index + match[0].length;
  }
  return pieces.join('') + text.slice(end);
}

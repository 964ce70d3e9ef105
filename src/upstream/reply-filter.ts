import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Operation } from '../docker/types.ts';
import { capApiVersion, capVersionBody, type VersionRange } from '../docker/versions.ts';
import { withWarnings } from '../docker/warnings.ts';

/** Sends the Engine's reply, or what this gateway makes of it. */
export type ReplyFilter = (reply: FastifyReply, body: Readable) => void;

/** Operations whose answer has a list of warnings, which the docker CLI prints. */
const WARNING = new Set(['ContainerCreate']);

/**
 * What becomes of an operation's reply. `/_ping` and `/version` advertise no API version above the ceiling, so
 * that newer clients negotiate down to one whose requests are understood here; what the gateway changed of a request
 * is told as a warning where the answer has room for one; all else passes as it is.
 */
export function replyFilter(
  operation: Operation,
  range: VersionRange,
  changes: readonly string[],
): ReplyFilter {
  if (changes.length > 0 && WARNING.has(operation.id)) {
    return rewritten((body) =>
      withWarnings(
        body,
        changes.map((change) => `quaywarden: ${change}`),
      ),
    );
  }
  switch (operation.id) {
    case 'SystemPing':
    case 'SystemPingHead':
      return (reply, body) => {
        const version = reply.getHeader('api-version');
        if (typeof version === 'string') reply.header('api-version', capApiVersion(version, range));
        reply.send(body);
      };
    case 'SystemVersion':
      return rewritten((body) => capVersionBody(body, range));
    default:
      return (reply, body) => {
        reply.send(body);
      };
  }
}

function rewritten(rewrite: (body: Buffer) => string | Buffer): ReplyFilter {
  return async (reply, body) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of body) chunks.push(chunk as Buffer);
    } catch {
      reply.raw.destroy();
      return;
    }
    reply.removeHeader('content-length');
    reply.send(rewrite(Buffer.concat(chunks)));
  };
}

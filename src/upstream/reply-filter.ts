import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Operation } from '../docker/types.ts';
import { capApiVersion, capVersionBody, type VersionRange } from '../docker/versions.ts';

/** Sends the Engine's reply, or what this gateway makes of it. */
export type ReplyFilter = (reply: FastifyReply, body: Readable) => void;

/**
 * What becomes of an operation's reply. `/_ping` and `/version` advertise no API version above the ceiling, so
 * that newer clients negotiate down to one whose requests are understood here; all else passes as it is.
 */
export function replyFilter(operation: Operation, range: VersionRange): ReplyFilter {
  switch (operation.id) {
    case 'SystemPing':
    case 'SystemPingHead':
      return (reply, body) => {
        const version = reply.getHeader('api-version');
        if (typeof version === 'string') reply.header('api-version', capApiVersion(version, range));
        reply.send(body);
      };
    case 'SystemVersion':
      return async (reply, body) => {
        const chunks: Buffer[] = [];
        try {
          for await (const chunk of body) chunks.push(chunk as Buffer);
        } catch {
          reply.raw.destroy();
          return;
        }
        reply.removeHeader('content-length');
        reply.send(capVersionBody(Buffer.concat(chunks), range));
      };
    default:
      return (reply, body) => {
        reply.send(body);
      };
  }
}

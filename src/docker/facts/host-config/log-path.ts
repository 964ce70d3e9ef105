import { decodePercent } from '../../text.ts';
import { cleanPath } from '../go/clean-path.ts';

/** Options of logging drivers that name a file which the Engine reads. */
const FILE = /(^|-)(ca|ca-cert|cert|key|capath|cacert|cafile|certfile|keyfile)$/;

/** An address on a socket of the host. */
const SOCKET = /^unix[a-z]*:\/\/([^/?#]*)([^?#]*)/i;

/**
 * The path of the host that an option of a logging driver names.
 *
 * @returns undefined when it names none, null when it can not be told which
 */
export function logPath(name: string, value: string): string | null | undefined {
  const socket = SOCKET.exec(value);
  if (socket !== null) {
    const [, host = '', path = ''] = socket;
    const decoded = host === '' ? decodePercent(path) : null;
    return decoded === null ? null : cleanPath(decoded);
  }
  if (/^(unix|file)/i.test(value)) return null;
  return FILE.test(name) && value !== '' ? cleanPath(value) : undefined;
}

import { randomBytes } from 'node:crypto';
import type { RequestHeaders } from '../listener/framing.ts';

/**
 * The chain of calls that a request is part of, as W3C Trace Context tells it
 * (https://www.w3.org/TR/trace-context/, version 00).
 */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** What the Engine is told of it. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the request's spans are called, 16 hexadecimal digits each; absent when none are exported. */
  readonly spans?: {
    /** The client's; undefined where the chain begins here. */
    readonly parent: string | undefined;
    readonly server: string;
    readonly engine: string;
  };
}

/** Finds out what chain a request is part of; undefined when it is part of none. */
export type Tracing = (headers: RequestHeaders) => Trace | undefined;

interface TraceContext {
  readonly traceId: string;
  readonly parentId: string;
  /** Two hexadecimal digits; the lowest bit says that whoever called records it. */
  readonly flags: string;
  readonly state: string | undefined;
}

/**
 * @param sampleRatio which part of the chains that begin here is exported; undefined: no spans are exported, and what
 *   clients send is passed on as it came
 */
export function createTracing(sampleRatio: number | undefined): Tracing {
  if (sampleRatio === undefined) {
    return (headers) => {
      const context = readTraceContext(headers);
      return context === undefined ? undefined : passedOn(context);
    };
  }
  return (headers) => {
    const context = readTraceContext(headers);
    const isSampled =
      context === undefined ? Math.random() < sampleRatio : (Number.parseInt(context.flags, 16) & 1) === 1;
    if (!isSampled) return context === undefined ? undefined : passedOn(context);
    const { traceId = newId(16), flags = '01', state } = context ?? {};
    const spans = { parent: context?.parentId, server: newId(8), engine: newId(8) };
    return { traceId, headers: headersOf({ traceId, parentId: spans.engine, flags, state }), spans };
  };
}

/** An id of that many bytes, in hexadecimal, never all zeros. */
export function newId(bytes: 8 | 16): string {
  for (;;) {
    const id = randomBytes(bytes).toString('hex');
    if (!isZero(id)) return id;
  }
}

/**
 * Reads what the client says of its chain. What is not exactly as the specification has it is dropped, not refused: nobody
 * depends on it. That goes for versions other than 00, too.
 */
export function readTraceContext({ all }: RequestHeaders): TraceContext | undefined {
  const values = all.get('traceparent');
  if (values?.length !== 1) return undefined;
  const [, traceId = '', parentId = '', flags = ''] = TRACEPARENT.exec(values[0] ?? '') ?? [];
  if (flags === '' || isZero(traceId) || isZero(parentId)) return undefined;
  return { traceId, parentId, flags, state: readState(all.get('tracestate')) };
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Section 3.3.1: `key=value`, keys of one system or `tenant@system`. */
const MEMBER =
  /^([a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MOST_MEMBERS = 32;
const MOST_CHARACTERS = 512;

/** Several headers are one list (RFC 9110, section 5.3); one unsound member makes all of it unsound. */
function readState(values: readonly string[] | undefined): string | undefined {
  const text = values?.join(',') ?? '';
  if (text === '' || text.length > MOST_CHARACTERS) return undefined;
  const members = text
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '');
  const keys = new Set(members.map((member) => MEMBER.exec(member)?.[1]));
  const isSound = members.length <= MOST_MEMBERS && keys.size === members.length && !keys.has(undefined);
  return isSound && members.length > 0 ? members.join(',') : undefined;
}

function passedOn(context: TraceContext): Trace {
  return { traceId: context.traceId, headers: headersOf(context) };
}

function headersOf({ traceId, parentId, flags, state }: TraceContext): Record<string, string> {
  const traceparent = `00-${traceId}-${parentId}-${flags}`;
  return state === undefined ? { traceparent } : { traceparent, tracestate: state };
}

function isZero(id: string): boolean {
  return /^0+$/.test(id);
}

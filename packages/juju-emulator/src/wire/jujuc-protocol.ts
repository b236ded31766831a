import { encodeInt, encodeMessage, encodeStruct, encodeText, encodeUint, GobError, GobReader, GobStream } from './gob';

/** A call of a hook tool as the client sends it: Go net/rpc, method Jujuc.Main. */
export interface JujucRequest {
  readonly sequence: number;
  readonly contextId: string;
  readonly dir: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Undefined: not sent (which is not the same as empty). */
  readonly stdin: Uint8Array | undefined;
}

export interface JujucResponse {
  readonly code: number;
  readonly stdout: string | Uint8Array;
  readonly stderr: string | Uint8Array;
}

export const serviceMethod = 'Jujuc.Main';

// Type definitions as Go sends them before the first value of each type; ids are process-wide and so never vary.
const string = Buffer.from([0x0c]);
const bytes = Buffer.from([0x0a]);
const int = Buffer.from([0x04]);
const uint = Buffer.from([0x06]);
const bool = Buffer.from([0x02]);
const headerId = 64;
const bodyId = 65;
const thirdId = 66;

function defineStruct(name: string, id: number, fields: readonly (readonly [string, Uint8Array])[]): Buffer {
  const common = encodeStruct([name === '' ? undefined : encodeText(name), encodeInt(id)]);
  const list = fields.map(([field, type]) => encodeStruct([encodeText(field), type]));
  const fieldList = fields.length === 0 ? undefined : Buffer.concat([encodeUint(fields.length), ...list]);
  return encodeMessage(encodeInt(-id), encodeStruct([undefined, undefined, encodeStruct([common, fieldList])]));
}

const requestHeaderType = defineStruct('Request', headerId, [
  ['ServiceMethod', string],
  ['Seq', uint],
]);
const requestBodyType = defineStruct('Request', bodyId, [
  ['ContextId', string],
  ['Dir', string],
  ['CommandName', string],
  ['Args', encodeInt(thirdId)],
  ['StdinSet', bool],
  ['Stdin', bytes],
]);
const stringSliceType = encodeMessage(
  encodeInt(-thirdId),
  encodeStruct([undefined, encodeStruct([encodeStruct([encodeText('[]string'), encodeInt(thirdId)]), string])]),
);
const responseHeaderType = defineStruct('Response', headerId, [
  ['ServiceMethod', string],
  ['Seq', uint],
  ['Error', string],
]);
const responseBodyType = defineStruct('ExecResponse', bodyId, [
  ['Code', int],
  ['Stdout', bytes],
  ['Stderr', bytes],
]);
const noBodyType = defineStruct('', thirdId, []);

function textField(text: string | Uint8Array): Buffer | undefined {
  return text.length === 0 ? undefined : encodeText(text);
}

function sequenceField(sequence: number): Buffer | undefined {
  return sequence === 0 ? undefined : encodeUint(sequence);
}

/** Writes calls as the client does; one per connection, as it remembers which types were announced. */
export class JujucRequestEncoder {
  private announced = false;

  encode(request: JujucRequest): Buffer {
    const header = encodeStruct([encodeText(serviceMethod), sequenceField(request.sequence)]);
    const args =
      request.args.length === 0
        ? undefined
        : Buffer.concat([encodeUint(request.args.length), ...request.args.map(encodeText)]);
    const body = encodeStruct([
      textField(request.contextId),
      textField(request.dir),
      textField(request.command),
      args,
      request.stdin === undefined ? undefined : Buffer.from([1]),
      request.stdin === undefined ? undefined : textField(request.stdin),
    ]);
    const first = !this.announced;
    this.announced = true;
    return Buffer.concat([
      ...(first ? [requestHeaderType] : []),
      encodeMessage(encodeInt(headerId), header),
      ...(first ? [requestBodyType, stringSliceType] : []),
      encodeMessage(encodeInt(bodyId), body),
    ]);
  }
}

/** Reads calls from a connection. */
export class JujucRequestDecoder {
  private readonly stream = new GobStream();
  private sequence: number | undefined;

  /** @returns the calls completed by this chunk. @throws GobError */
  push(chunk: Uint8Array): JujucRequest[] {
    return this.stream.push(chunk).flatMap((message) => this.message(message) ?? []);
  }

  private message(message: Buffer): JujucRequest | undefined {
    const reader = new GobReader(message);
    if (reader.readInt() < 0) return undefined; // a type definition; the types are known
    if (this.sequence === undefined) {
      this.sequence = 0;
      let method = '';
      reader.readStruct((field) => {
        if (field === 1) method = reader.readText();
        else this.sequence = reader.readUint();
      });
      if (method !== serviceMethod) throw new GobError(`A call of ${method} is not of the hook-tool protocol.`);
      return undefined;
    }
    const request = {
      sequence: this.sequence,
      contextId: '',
      dir: '',
      command: '',
      args: [] as string[],
      stdin: undefined as Uint8Array | undefined,
    };
    this.sequence = undefined;
    reader.readStruct((field) => {
      if (field === 1) request.contextId = reader.readText();
      else if (field === 2) request.dir = reader.readText();
      else if (field === 3) request.command = reader.readText();
      else if (field === 4) for (let left = reader.readUint(); left > 0; left--) request.args.push(reader.readText());
      else if (field === 5) request.stdin = reader.readUint() === 1 ? Buffer.alloc(0) : undefined;
      else request.stdin = reader.readBytes();
    });
    return request;
  }
}

/** Writes answers as the agent does; one per connection. */
export class JujucResponseEncoder {
  private readonly announced = new Set<Buffer>();

  encode(sequence: number, response: JujucResponse): Buffer {
    const body = encodeStruct([
      response.code === 0 ? undefined : encodeInt(response.code),
      textField(response.stdout),
      textField(response.stderr),
    ]);
    return Buffer.concat([
      this.header(sequence, ''),
      this.announce(responseBodyType),
      encodeMessage(encodeInt(bodyId), body),
    ]);
  }

  /** With an error the body is a struct of no fields. */
  encodeError(sequence: number, error: string): Buffer {
    return Buffer.concat([
      this.header(sequence, error),
      this.announce(noBodyType),
      encodeMessage(encodeInt(thirdId), Buffer.from([0])),
    ]);
  }

  private header(sequence: number, error: string): Buffer {
    const header = encodeStruct([encodeText(serviceMethod), sequenceField(sequence), textField(error)]);
    return Buffer.concat([this.announce(responseHeaderType), encodeMessage(encodeInt(headerId), header)]);
  }

  private announce(type: Buffer): Buffer {
    if (this.announced.has(type)) return Buffer.alloc(0);
    this.announced.add(type);
    return type;
  }
}

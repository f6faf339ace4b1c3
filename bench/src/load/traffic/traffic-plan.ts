/** Load whose every answer is checked: so many connections, each with one request at a time. */
export interface TrafficPlan {
  /** `http` takes JSON and binary tensors on every other connection. */
  protocol: 'http' | 'http-json' | 'http-binary' | 'grpc';
  /** `http://host:port`, or `host:port` of gRPC. */
  address: string;
  /** The models asked, each connection going round them. */
  models: string[];
  connections: number;
  /** Requests over all connections, at even distances; unset: each as soon as the one before is answered. */
  perSecond?: number;
  /** Ends by itself after so long; unset: when it is told. */
  seconds?: number;
  timeoutMs: number;
  input: { name: string; columns: number };
  /** An FP32 output. */
  output: string;
  /** Rows of one request. */
  rows: number;
  /** Row-major: the inputs of all requests, one after the other. */
  features: Float32Array;
  /** By `model:version`: what it must answer to all requests, one after the other. */
  expected: Record<string, Float32Array>;
}

/** One column per thing noted of an answer, in the order in which answers came. */
export interface TrafficSeen {
  connection: Uint16Array;
  /** Which one of `versions`; as many as there are answers. */
  version: Uint16Array;
  versions: string[];
  sentAtMs: Float64Array;
  receivedAtMs: Float64Array;
  /** From when it was sent or, when its connection was still busy then, from when it was due. */
  latencyMs: Float64Array;
  /** Not answered, or by an error. */
  failed: number;
  /** Answered by something else than what the version it names answers, to the bit. */
  wrong: number;
  /** The first few of both, in words. */
  faults: string[];
  seconds: number;
}

import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, type DescriptorProto } from '@bufbuild/protobuf/wkt';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

type Described = PackageDefinition[string];

/** Tells clients by the standard reflection protocol (v1 and v1alpha) what is spoken here. */
export const reflectionOf = (protocol: PackageDefinition): ReflectionService => {
  const mended = new Map<Buffer, Buffer>();
  const mend = (file: Buffer): Buffer => {
    const known = mended.get(file) ?? Buffer.from(withMapEntriesNamed(file));
    mended.set(file, known);
    return known;
  };
  const described = Object.entries(protocol).map(([name, one]) => [name, withFiles(one, mend)] as const);
  return new ReflectionService(Object.fromEntries(described));
};

/** Messages and enums carry the files that describe them; services carry them in the types of their methods. */
const withFiles = (described: Described, mend: (file: Buffer) => Buffer): Described => {
  if (!('fileDescriptorProtos' in described) || !Array.isArray(described.fileDescriptorProtos)) {
    const methods = Object.entries(described).map(([name, method]) => {
      const { requestType, responseType } = method as { requestType: Described; responseType: Described };
      const types = { requestType: withFiles(requestType, mend), responseType: withFiles(responseType, mend) };
      return [name, { ...(method as object), ...types }] as const;
    });
    return Object.fromEntries(methods) as Described;
  }
  return { ...described, fileDescriptorProtos: described.fileDescriptorProtos.map(mend) } as Described;
};

/** The loader calls the entries of `map<…> parameters` "Parameters"; by protobuf's rules it is "ParametersEntry", and clients in Go check it. */
const withMapEntriesNamed = (file: Buffer): Uint8Array => {
  const described = fromBinary(FileDescriptorProtoSchema, file);
  described.messageType.forEach(nameMapEntries);
  return toBinary(FileDescriptorProtoSchema, described);
};

const nameMapEntries = (message: DescriptorProto): void => {
  for (const nested of message.nestedType) {
    nameMapEntries(nested);
    if (nested.options?.mapEntry !== true || nested.name.endsWith('Entry')) continue;
    const field = message.field.find(({ typeName }) => typeName.split('.').at(-1) === nested.name);
    nested.name += 'Entry';
    if (field !== undefined) field.typeName += 'Entry';
  }
};

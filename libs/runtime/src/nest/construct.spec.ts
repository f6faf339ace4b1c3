import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it } from 'vitest';
import { construct } from './construct.js';

const seen: string[] = [];
abstract class Port {
  abstract say(): string;
}
class Adapter extends Port {
  say() {
    return 'hi';
  }
  onApplicationShutdown() {
    seen.push('adapter closed');
  }
}
class UseCase {
  constructor(readonly port: Port) {}
  onModuleInit() {
    seen.push('use case ready');
  }
}
@Module({ providers: [construct(UseCase, Port), { provide: Port, useClass: Adapter }] })
class M {}

it('a plain class is wired by its abstract-class port and still gets the lifecycle hooks', async () => {
  const app = await NestFactory.createApplicationContext(M, { logger: false });
  expect(app.get(UseCase).port.say()).toBe('hi');
  await app.close();
  expect(seen).toEqual(['use case ready', 'adapter closed']);
});

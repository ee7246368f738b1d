import { Controller, Get, Module, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describe, expect, it } from '@jest/globals';
import { DenyByDefault } from './deny-by-default.js';
import { Open, Requires } from './requires.decorator.js';

@Controller('declared')
class DeclaredController {
  @Get('a')
  @Open()
  open(): string {
    return '';
  }
  @Get('b')
  @Requires('viewer')
  guarded(): string {
    return this.helper();
  }
  helper(): string {
    return '';
  }
}
@Controller('forgotten')
class ForgottenController {
  @Get()
  list(): string {
    return '';
  }
}
@Module({ imports: [DiscoveryModule], controllers: [DeclaredController], providers: [DenyByDefault] })
class DeclaredModule {}
@Module({
  imports: [DeclaredModule, DiscoveryModule],
  controllers: [ForgottenController],
  providers: [DenyByDefault],
})
class ForgottenModule {}

const start = async (module: Type): Promise<void> => {
  const app = await NestFactory.create(module, new FastifyAdapter(), { logger: false, abortOnError: false });
  await app.init();
  await app.close();
};

describe('DenyByDefault', () => {
  it('stops the boot for a handler that declares no access, and names it', async () => {
    await expect(start(ForgottenModule)).rejects.toThrow('ForgottenController.list');
  });

  it('lets declared handlers and plain methods be', async () => {
    await expect(start(DeclaredModule)).resolves.toBeUndefined();
  });
});

import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ROLES, type Role } from '@ecluse/contracts';
import { EcluseError } from '@ecluse/errors';
import type { ApiKeyReader, StoredApiKey } from '@ecluse/storage';
import { part } from '../ports.js';
import { readApiKey, secretMatches, type PresentedKey } from './api-key.js';
import { setProof } from './caller.decorator.js';
import { FailureLimiter } from './failure-limiter.js';
import { ACCESS, type Access } from './requires.decorator.js';

/** Lets a request through when its key is known, alive and of a sufficient role. Denies what declares nothing. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  private readonly limiter = new FailureLimiter();

  constructor(
    @Inject(part('apiKeys')) private readonly keys: ApiKeyReader,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.get<Access | undefined>(ACCESS, context.getHandler());
    if (access === 'open') return true;
    if (access === undefined)
      throw new EcluseError('INTERNAL', { detail: 'The operation declares no access' });
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { presented, stored } = await this.authenticate(request);
    if (!mayAct(stored.role, access)) {
      throw new EcluseError('ROLE_MISSING', {
        detail: `This operation needs the role ${access}; the key has ${stored.role}`,
      });
    }
    const { tenant, keyId, name, role, expiresAt } = stored;
    setProof(request, { principal: { tenant, keyId, name, role, expiresAt }, key: presented });
    return true;
  }

  /** One answer for an absent, malformed, unknown, wrong, expired and revoked key. */
  private async authenticate(
    request: FastifyRequest,
  ): Promise<{ presented: PresentedKey; stored: StoredApiKey }> {
    const retryAfterSeconds = this.limiter.blockedFor(request.ip);
    if (retryAfterSeconds !== undefined)
      throw new EcluseError('AUTHENTICATION_LIMITED', { retryAfterSeconds });
    const presented = readApiKey(request.headers.authorization);
    const stored = presented === undefined ? undefined : await this.keys.find(presented.keyId);
    const proven = presented !== undefined && secretMatches(presented.secret, stored?.secretSha256);
    if (!proven || stored === undefined || !isAlive(stored)) {
      this.limiter.failed(request.ip);
      throw new EcluseError('UNAUTHENTICATED');
    }
    return { presented, stored };
  }
}

function isAlive(key: StoredApiKey): boolean {
  return key.revokedAt === null && key.expiresAt.getTime() > Date.now();
}
function mayAct(has: Role, needs: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needs);
}

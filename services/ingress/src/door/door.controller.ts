import { All, Controller, Req, Res } from '@nestjs/common';
import { EcluseError } from '@ecluse/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AcceptDelivery } from './accept-delivery.js';
import { admissionOf } from './door-request.js';

/** Where webhooks enter. Every method comes here, so that admission answers all of them alike. */
@Controller()
export class DoorController {
  constructor(private readonly acceptDelivery: AcceptDelivery) {}

  @All('in/:sourceToken')
  async receive(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const admission = admissionOf(request);
    if (admission === undefined) throw new EcluseError('SOURCE_UNKNOWN');
    const deliveryId = await this.acceptDelivery.accept({
      admission,
      request: {
        rawHeaders: request.raw.rawHeaders,
        rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
        url: request.raw.url ?? '',
        method: request.method,
      },
    });
    await reply.status(202).type('application/json; charset=utf-8').send(JSON.stringify({ deliveryId }));
  }
}

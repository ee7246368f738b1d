import { Injectable } from '@nestjs/common';
@Injectable()
export class DocumentReader {
  source(_t: string, _n: string, _r: unknown): Record<string, never> {
    return {};
  }
  connection(_t: string, _n: string, _r: unknown): Record<string, never> {
    return {};
  }
  async flow(_t: string, _n: string, _r: unknown): Promise<never> {
    throw new Error('x');
  }
}

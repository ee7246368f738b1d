import { jest } from '@jest/globals';

/** Tests on real servers, and replays of many histories, share two cores with others; what they promise about time they measure. Milliseconds. */
jest.setTimeout(30_000);

import type { MethodName, ServerObserver } from './observer.ts';
import { rpcFault, ServiceFault } from './service-fault.ts';

/** The fault that a handler's exception stands for. What is no ServiceFault is our mistake: the log learns it, the caller does not. */
export function faultOf(error: unknown, method: MethodName, observer: ServerObserver): ServiceFault {
  if (error instanceof ServiceFault) return error;
  observer.onError(method, error);
  return rpcFault('internal', 'the service failed; its log says why');
}

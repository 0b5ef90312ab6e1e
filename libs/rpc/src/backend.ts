import { type ChannelCredentials, Client, connectivityState } from '@grpc/grpc-js';
import { limits } from './limits.ts';

/** Options of a channel to one address. Balancing, retries and deadlines are ours: a stream is not what gRPC retries. */
const channelOptions = {
  'grpc.enable_retries': 0,
  'grpc.enable_channelz': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  // A pod that comes back is seen at once, one that stays away costs little.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2000,
  // Notices a node that vanished without a word.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_receive_message_length': limits.messageBytes,
  'grpc.max_send_message_length': limits.messageBytes,
  'grpc-node.flow_control_window': limits.flowControlWindowBytes,
};

/** One address of a target, and the channel to it, which is kept connected. */
export class Backend {
  readonly address: string;
  readonly client: Client;
  /** True while connected. */
  ready = false;
  /** True once the server said that it is going; false again after a reconnect, which is to another process. */
  draining = false;
  /** True once the name no longer leads here. */
  retired = false;
  /** Counts connections: a stream of an earlier one is to be finished, not used. */
  generation = 0;
  /** Unary calls under way. */
  inFlight = 0;
  readonly #onChange: () => void;
  #closed = false;

  constructor(address: string, credentials: ChannelCredentials, onChange: () => void) {
    this.address = address;
    this.client = new Client(address, credentials, channelOptions);
    this.#onChange = onChange;
    this.#watch();
  }

  /** What its channel does now. */
  get state(): connectivityState {
    return this.#closed ? connectivityState.SHUTDOWN : this.client.getChannel().getConnectivityState(false);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.ready = false;
    this.client.close();
  }

  #watch(): void {
    if (this.#closed) return;
    const channel = this.client.getChannel();
    const state = channel.getConnectivityState(true);
    const ready = state === connectivityState.READY;
    if (ready !== this.ready) this.#change(ready);
    channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => this.#watch());
  }

  #change(ready: boolean): void {
    this.ready = ready;
    if (!ready) {
      this.generation += 1;
      this.draining = false;
    }
    this.#onChange();
  }
}

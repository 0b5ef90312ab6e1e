/** Transports that the command speaks. */
export const clientTransports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;

/** One of {@link clientTransports}. */
export type ClientTransport = (typeof clientTransports)[number];

/** Machine-readable reason of a SipParseError. */
export type SipErrorCode = `SIP_ERR_${string}`;

interface ErrorRow {
  /** The status owed to the sender; undefined: it cannot or must not be answered, drop it. */
  readonly status: number | undefined;
  /** Reason phrase of that response: RFC 3261 §21.4.1 asks to name the problem. Empty where nothing is answered. */
  readonly reasonPhrase: string;
}

/** Every code that this library raises. */
export const sipErrors = {
  SIP_ERR_EMPTY: { status: undefined, reasonPhrase: '' },
  SIP_ERR_START_LINE: { status: undefined, reasonPhrase: '' },
  SIP_ERR_STATUS_LINE: { status: undefined, reasonPhrase: '' },
  SIP_ERR_MESSAGE_SIZE: { status: 513, reasonPhrase: 'Message Too Large' },
  SIP_ERR_REQUEST_LINE: { status: 400, reasonPhrase: 'Malformed Request-Line' },
  SIP_ERR_REQUEST_LINE_SIZE: { status: 414, reasonPhrase: 'Request-URI Too Long' },
  SIP_ERR_VERSION: { status: 505, reasonPhrase: 'Version Not Supported' },
  SIP_ERR_LINE_END: { status: 400, reasonPhrase: 'Bare CR or LF In Header' },
  SIP_ERR_HEAD_UNFINISHED: { status: 400, reasonPhrase: 'Header Section Not Finished' },
  SIP_ERR_HEADER: { status: 400, reasonPhrase: 'Malformed Header Line' },
  SIP_ERR_HEADER_SIZE: { status: 513, reasonPhrase: 'Header Too Large' },
  SIP_ERR_HEADER_COUNT: { status: 400, reasonPhrase: 'Too Many Headers' },
  SIP_ERR_CONTENT_LENGTH: { status: 400, reasonPhrase: 'Malformed Content-Length' },
  SIP_ERR_BODY_SHORT: { status: 400, reasonPhrase: 'Body Shorter Than Content-Length' },
  SIP_ERR_MISSING_VIA: { status: undefined, reasonPhrase: '' },
  SIP_ERR_MISSING_FROM: { status: 400, reasonPhrase: 'Missing From Header' },
  SIP_ERR_MISSING_TO: { status: 400, reasonPhrase: 'Missing To Header' },
  SIP_ERR_MISSING_CALL_ID: { status: 400, reasonPhrase: 'Missing Call-ID Header' },
  SIP_ERR_MISSING_CSEQ: { status: 400, reasonPhrase: 'Missing CSeq Header' },
  SIP_ERR_DUPLICATE_HEADER: { status: 400, reasonPhrase: 'Header Given More Than Once' },
  SIP_ERR_VIA: { status: 400, reasonPhrase: 'Malformed Via' },
  SIP_ERR_VIA_COUNT: { status: 400, reasonPhrase: 'Too Many Via Values' },
  SIP_ERR_ADDRESS: { status: 400, reasonPhrase: 'Malformed Address' },
  SIP_ERR_QUOTED_STRING: { status: 400, reasonPhrase: 'Unterminated Quoted String' },
  SIP_ERR_PARAM: { status: 400, reasonPhrase: 'Malformed Parameter' },
  SIP_ERR_PARAM_REPEATED: { status: 400, reasonPhrase: 'Parameter Given More Than Once' },
  SIP_ERR_PARAM_COUNT: { status: 400, reasonPhrase: 'Too Many Parameters' },
  SIP_ERR_LIST_COUNT: { status: 400, reasonPhrase: 'Too Many Header Values' },
  SIP_ERR_CONTACT: { status: 400, reasonPhrase: 'Malformed Contact' },
  SIP_ERR_CONTACT_STAR: { status: 400, reasonPhrase: 'Contact * Must Stand Alone' },
  SIP_ERR_CONTACT_COUNT: { status: 400, reasonPhrase: 'Too Many Contacts' },
  SIP_ERR_CSEQ: { status: 400, reasonPhrase: 'Malformed CSeq' },
  SIP_ERR_CSEQ_METHOD: { status: 400, reasonPhrase: 'CSeq Method Differs From Request Method' },
  SIP_ERR_CALL_ID: { status: 400, reasonPhrase: 'Malformed Call-ID' },
  SIP_ERR_MAX_FORWARDS: { status: 400, reasonPhrase: 'Malformed Max-Forwards' },
  SIP_ERR_AUTHORIZATION: { status: 400, reasonPhrase: 'Malformed Credentials' },
  SIP_ERR_CHALLENGE: { status: undefined, reasonPhrase: '' },
  SIP_ERR_VALUE: { status: 400, reasonPhrase: 'Malformed Header Value' },
  SIP_ERR_URI: { status: 400, reasonPhrase: 'Malformed URI' },
  SIP_ERR_URI_SCHEME: { status: 416, reasonPhrase: 'Unsupported URI Scheme' },
  SIP_ERR_URI_HEADERS: { status: 400, reasonPhrase: 'Headers In Request-URI' },
  SIP_ERR_TO_SCHEME: { status: 400, reasonPhrase: 'To Is Not A SIP URI' },
  SIP_ERR_OPTION_TAG: { status: 420, reasonPhrase: 'Bad Extension' },
} as const satisfies Record<SipErrorCode, ErrorRow>;

/** A code of the table above. */
export type KnownSipErrorCode = keyof typeof sipErrors;

/** Codes whose phrase leaves open where the fault is: the header is added. */
const openPhrases: ReadonlySet<SipErrorCode> = new Set<KnownSipErrorCode>([
  'SIP_ERR_ADDRESS',
  'SIP_ERR_DUPLICATE_HEADER',
  'SIP_ERR_HEADER_SIZE',
  'SIP_ERR_LIST_COUNT',
  'SIP_ERR_PARAM',
  'SIP_ERR_PARAM_COUNT',
  'SIP_ERR_PARAM_REPEATED',
  'SIP_ERR_QUOTED_STRING',
  'SIP_ERR_URI',
  'SIP_ERR_VALUE',
]);

/** What is wrong with a message or a part of it. */
export class SipParseError extends Error {
  override readonly name = 'SipParseError';
  readonly code: SipErrorCode;
  /** The status owed to the sender of a request; undefined: drop it. */
  readonly status: number | undefined;
  /** Byte offset of the problem in the message, or in the text given where a part was parsed by itself. */
  readonly at: number;
  /** Long name of the header that it is in, or Request-URI; undefined where that is not known. */
  header: string | undefined;

  constructor(code: SipErrorCode, status: number | undefined, at: number) {
    // Without a stack: the fault is the sender's, code and offset tell all, and taking one costs more than the rest of
    // refusing a bad message, which a flood of them would make us pay.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(`${code} at byte ${at}`);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.status = status;
    this.at = at;
  }

  /**
   * Reason phrase of the response owed, with the header where it alone would not say which (RFC 3261 §21.4.1); a general one
   * for codes of other libraries.
   */
  get reasonPhrase(): string {
    const phrase = (sipErrors as Record<string, ErrorRow>)[this.code]?.reasonPhrase ?? 'Bad Request';
    return this.header !== undefined && openPhrases.has(this.code) ? `${phrase} (${this.header})` : phrase;
  }
}

/** The error of a code in the table, with the status that the table names. */
export function parseError(code: KnownSipErrorCode, at: number): SipParseError {
  return new SipParseError(code, sipErrors[code].status, at);
}

/** The error, which now knows its header, if it is one of a message; to be thrown on. */
export function inHeader<Thrown>(error: Thrown, header: string): Thrown {
  if (error instanceof SipParseError) error.header ??= header;
  return error;
}

namespace Gateway.Pipeline;

/// <summary>Every way in which the gateway itself refuses a request. <see cref="Problems"/> has an answer for each.</summary>
internal enum Denial
{
    KeyMissing,
    KeyAmbiguous,
    KeyUnknown,
    KeyExpired,
    KeyUndecided,
    PaymentPending,
    RouteNotAllowed,
    RateLimited,
    TooManyAtOnce,
    BodyTooLarge,
    BodyMalformed,
    BodyUnsupported,
    IdempotencyKeyMalformed,
    IdempotencyKeyReused,
    IdempotencyRunning,
    IdempotencyExhausted,
    IdempotencyUndecided,
    NoFunds,
    BillingUnavailable,
    JournalUnavailable,
    RouteNotConfigured,
    RouteUnknown,
    MethodRefused,
    RequestAmbiguous,
    UpstreamUnavailable,
    UpstreamTimeout,
    ShuttingDown,
}

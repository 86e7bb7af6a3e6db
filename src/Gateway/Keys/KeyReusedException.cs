namespace Gateway.Keys;

/// <summary>An idempotency key came again with another call.</summary>
internal sealed class KeyReusedException() : Exception("This Idempotency-Key has made a key with other terms. Send the same request again, or give this one a key of its own.");

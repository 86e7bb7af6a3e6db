using System.Collections.Frozen;
using System.Text.Json.Serialization;
using Gateway.Authentication;
using Gateway.Model;

namespace Gateway.Keys;

/// <summary>An issued key as Redis has it. Of the key itself only hashes are kept.</summary>
internal sealed record KeyRecord
{
    public required string Id { get; init; }

    /// <summary>Grows by one with every change.</summary>
    public int Version { get; init; }

    /// <summary>Of the whole text, in hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Of the secret before the last rotation, good until <see cref="PreviousUntil"/>.</summary>
    public string? PreviousSha256 { get; init; }

    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>Who pays.</summary>
    public required string CustomerId { get; init; }

    /// <summary>For people.</summary>
    public string? Name { get; init; }

    /// <summary>YARP's route ids; empty: all.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Null: it is not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Null: no limit.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Requests at the same time, per node; null: no limit.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>The subscription that has to be paid for before the key is of use; null: it is.</summary>
    public string? PendingSubscription { get; init; }

    /// <summary>Since when it waits for that one; null: since it was made.</summary>
    public DateTimeOffset? PendingSince { get; init; }

    /// <summary>Where that is paid, or where this customer can pay at all; shown in 402 answers.</summary>
    public string? PaymentUrl { get; init; }

    /// <summary>The idempotency key of the last rotation, hashed; null for none.</summary>
    public string? RotatedBy { get; init; }

    /// <summary>Whether an answer with the secret was sent whole. Until then a repeated request may have it made anew.</summary>
    public bool IsDelivered { get; init; }

    /// <summary>Until then an answer with the secret may be under way, and the secret is not made anew; null: that answer is over.</summary>
    public DateTimeOffset? AnsweringUntil { get; init; }

    /// <summary>The subscription that makes it of use once it is paid for; null: there is none, or the key is revoked.</summary>
    [JsonIgnore]
    public string? WaitsFor => RevokedAt is null ? PendingSubscription : null;

    /// <summary>As it is when the answer with this secret is over. Null: that is known, or the secret is another by now.</summary>
    public KeyRecord? Answered(string sha256, bool isDelivered) =>
        IsDelivered || Sha256 != sha256 ? null : this with { IsDelivered = isDelivered, AnsweringUntil = null };

    /// <param name="previous">What was known of the key: a limit that stays keeps its state.</param>
    /// <param name="lookedUp">When the record was read.</param>
    public CachedKey Compile(ApiKey? previous, long lookedUp)
    {
        if (!ApiKeyHash.TryFromHex(Sha256, out var hash)) throw new FormatException($"The record of key {Id} has no hash.");
        var old = PreviousUntil is not null && PreviousSha256 is not null && ApiKeyHash.TryFromHex(PreviousSha256, out var before) ? before : default;
        return new CachedKey
        {
            Hash = hash,
            Customer = new CustomerId(CustomerId),
            Version = Version,
            LookedUp = lookedUp,
            Terms = new KeyTerms
            {
                PaymentUrl = PaymentUrl,
                Routes = Routes.Count == 0 ? null : Routes.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
                RequestsPerSecond = RequestsPerSecond,
                Limiter = previous?.RequestsPerSecond == RequestsPerSecond ? previous?.Limiter : ApiKey.LimiterFor(RequestsPerSecond),
                PreviousHash = old,
                PreviousUntil = PreviousUntil ?? DateTimeOffset.MinValue,
                ExpiresAt = ExpiresAt ?? DateTimeOffset.MaxValue,
                PendingSubscription = PendingSubscription,
                Concurrency = previous?.Terms?.Concurrency is { } known && known.Most == MaxConcurrent ? known : ConcurrencyLimit.Of(MaxConcurrent),
            }.OrNone(),
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyRecord))]
internal sealed partial class KeyRecordJson : JsonSerializerContext;

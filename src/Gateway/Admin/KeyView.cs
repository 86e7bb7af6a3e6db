using Gateway.Keys;

namespace Gateway.Admin;

/// <summary>A key as administration shows it.</summary>
/// <param name="Key">The key itself, in the answer that made it; null ever after.</param>
/// <param name="Status">live, pending (its subscription is not paid for), expired or revoked.</param>
/// <param name="PreviousUntil">Until then the secret before the last rotation is good too.</param>
internal sealed record KeyView(
    string Id, string? Key, string Status, string CustomerId, string? Name, IReadOnlyList<string> Routes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt, DateTimeOffset? PreviousUntil, int? RequestsPerSecond, int? MaxConcurrent, IReadOnlyDictionary<string, string>? Metadata, string? PaymentUrl)
{
    public static KeyView Of(IssuedKey issued, DateTimeOffset now) => Of(issued.Record, now) with { Key = issued.Secret };

    public static KeyView Of(KeyRecord r, DateTimeOffset now) => new(
        r.Id, Key: null, StatusOf(r, now), r.CustomerId, r.Name, r.Routes, r.CreatedAt, r.ExpiresAt, r.RevokedAt, r.PreviousUntil > now ? r.PreviousUntil : null,
        r.RequestsPerSecond, r.MaxConcurrent, r.Metadata, r.PaymentUrl);

    private static string StatusOf(KeyRecord record, DateTimeOffset now) => record switch
    {
        { RevokedAt: not null } => "revoked",
        { ExpiresAt: { } end } when end <= now => "expired",
        { PendingSubscription: not null } => "pending",
        _ => "live",
    };

    /// <summary>Without the key, so that no log can have it.</summary>
    public override string ToString() => $"key {Id}";
}
